select
    {{ dbt.split_part('creative', "':'", 4) }} as creative_id,
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(day as date) as metric_date,
    cast(impressions as {{ dbt.type_bigint() }}) as impression_count,
    cast(clicks as {{ dbt.type_bigint() }}) as click_count,
    cast(landing_page_clicks as {{ dbt.type_bigint() }}) as landing_page_click_count,
    cast(spend as decimal(18, 4)) as spend,
    cast(leads as {{ dbt.type_bigint() }}) as lead_count,
    cast(conversions as {{ dbt.type_bigint() }}) as conversion_count,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('linkedin_ads', 'ad_days') }}
