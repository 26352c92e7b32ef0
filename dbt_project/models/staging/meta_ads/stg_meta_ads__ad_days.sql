select
    cast(ad_id as {{ dbt.type_string() }}) as ad_id,
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(metric_date as date) as metric_date,
    cast(publisher_platform as {{ dbt.type_string() }}) as publisher_platform,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(campaign_name as {{ dbt.type_string() }}) as campaign_name,
    cast(ad_set_id as {{ dbt.type_string() }}) as ad_set_id,
    cast(ad_set_name as {{ dbt.type_string() }}) as ad_set_name,
    cast(currency as {{ dbt.type_string() }}) as currency,
    cast(impressions as {{ dbt.type_bigint() }}) as impression_count,
    cast(link_clicks as {{ dbt.type_bigint() }}) as link_click_count,
    cast(all_clicks as {{ dbt.type_bigint() }}) as all_click_count,
    cast(spend as decimal(18, 4)) as spend,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('meta_ads', 'ad_days') }}
