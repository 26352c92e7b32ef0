-- What the platform claims of leads and conversions stands in int_tiktok_ads__claimed_conversions.
with

final as (

    select
        'tiktok_ads' as system,
        'tiktok' as platform,
        ad_id,
        metric_date as date,
        campaign,
        audience,
        cast(null as {{ dbt.type_string() }}) as message,
        impression_count as impressions,
        click_count as clicks,
        spend,
        currency,
        cast(null as {{ dbt.type_bigint() }}) as leads,
        cast(null as {{ dbt.type_bigint() }}) as conversions
    from {{ ref('int_tiktok_ads__ad_days_placed') }}

)

select
    {{ entity_select('ad_performance') }}
from final
