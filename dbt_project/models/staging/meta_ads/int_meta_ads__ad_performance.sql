-- clicks are clicks on links. What the platform claims of leads and conversions stands in
-- int_meta_ads__claimed_conversions with its windows, and not here.
with

int_meta_ads__ad_days_placed as (

    select
        ad_id,
        metric_date,
        platform,
        campaign,
        audience,
        currency,
        impression_count,
        link_click_count,
        spend
    from {{ ref('int_meta_ads__ad_days_placed') }}

),

final as (

    -- Messenger and the network of other apps are Facebook's.
    select
        'meta_ads' as system,
        platform,
        ad_id,
        metric_date as date,
        campaign,
        audience,
        cast(null as {{ dbt.type_string() }}) as message,
        cast(sum(impression_count) as {{ dbt.type_bigint() }}) as impressions,
        cast(sum(link_click_count) as {{ dbt.type_bigint() }}) as clicks,
        cast(sum(spend) as {{ entity_type('money') }}) as spend,
        currency,
        cast(null as {{ dbt.type_bigint() }}) as leads,
        cast(null as {{ dbt.type_bigint() }}) as conversions
    from int_meta_ads__ad_days_placed
    group by platform, ad_id, metric_date, campaign, audience, currency

)

select
    {{ entity_select('ad_performance') }}
from final
