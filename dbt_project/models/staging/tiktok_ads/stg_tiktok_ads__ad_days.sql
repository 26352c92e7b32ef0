select
    cast(ad_id as {{ dbt.type_string() }}) as ad_id,
    cast(advertiser_id as {{ dbt.type_string() }}) as advertiser_id,
    cast(day as date) as metric_date,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(campaign_name as {{ dbt.type_string() }}) as campaign_name,
    cast(adgroup_id as {{ dbt.type_string() }}) as ad_group_id,
    cast(adgroup_name as {{ dbt.type_string() }}) as ad_group_name,
    cast(impressions as {{ dbt.type_bigint() }}) as impression_count,
    cast(clicks as {{ dbt.type_bigint() }}) as click_count,
    cast(spend as decimal(18, 4)) as spend,
    cast(conversions as {{ dbt.type_bigint() }}) as conversion_count,
    cast(forms as {{ dbt.type_bigint() }}) as form_count,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('tiktok_ads', 'ad_days') }}
