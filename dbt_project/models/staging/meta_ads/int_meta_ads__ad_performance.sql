{{ config(materialized='ephemeral') }}
-- clicks are clicks on links. What the platform claims of leads and conversions stands in
-- int_meta_ads__claimed_conversions with its windows, and not here.
select
    'meta_ads' as system,
    'facebook' as platform,
    ad_id,
    metric_date as date,
    campaign_name as campaign,
    cast(null as {{ dbt.type_string() }}) as audience,
    cast(null as {{ dbt.type_string() }}) as message,
    impression_count as impressions,
    link_click_count as clicks,
    spend,
    currency,
    cast(null as {{ dbt.type_bigint() }}) as leads,
    cast(null as {{ dbt.type_bigint() }}) as conversions
from {{ ref('stg_meta_ads__ad_days') }}
