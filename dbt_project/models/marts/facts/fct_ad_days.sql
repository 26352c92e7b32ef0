with

int_ad_performance__unioned as (

    select
        {{ entity_select('ad_performance') }},
        {{ currency_key('currency') }} as currency_key,
        {{ name_key('campaign') }} as campaign_key
    from {{ ref('int_ad_performance__unioned') }}

),

int_money__rates as (

    select
        currency,
        valid_from,
        valid_to,
        rate
    from {{ ref('int_money__rates') }}

),

int_campaigns__declared as (

    select
        campaign,
        goal,
        audience,
        message
    from {{ ref('int_campaigns__declared') }}

),

int_platforms__kinded as (

    select
        platform,
        channel_kind
    from {{ ref('int_platforms__kinded') }}

),

campaign_found as (

    {{ ads_with_campaign('int_ad_performance__unioned') }}

),

stg_ops__run as (

    select business_date
    from {{ ref('stg_ops__run') }}

),

restated_for as (

    select
        source as system,
        max(lookback_days) as lookback_days
    from {{ ref('stg_ops__sources') }}
    where basis = 'daily'
    group by source

),

final as (

    select
        ads.system,
        ads.platform,
        ads.ad_id,
        ads.campaign_name as campaign,
        coalesce(
            {{ text_or_null('ads.audience') }}, int_campaigns__declared.audience, 'unassigned'
        ) as audience,
        coalesce(
            {{ text_or_null('ads.message') }}, int_campaigns__declared.message, 'unassigned'
        ) as message,
        coalesce(int_platforms__kinded.channel_kind, 'unknown') as channel_kind,
        int_campaigns__declared.goal as campaign_goal,
        ads.impressions,
        ads.clicks,
        {{ converted('ads.spend', 'int_money__rates.rate') }} as spend,
        ads.spend as spend_original,
        ads.currency_key as currency,
        ads.leads,
        ads.conversions,
        {{ dbt.datediff('ads.date', 'stg_ops__run.business_date', 'day') }}
        >= restated_for.lookback_days as is_final,
        ads.date as day
    from campaign_found as ads
    cross join stg_ops__run
    left join restated_for
        on ads.system = restated_for.system
    left join int_campaigns__declared
        on ads.campaign_name = int_campaigns__declared.campaign
    left join int_platforms__kinded
        on ads.platform = int_platforms__kinded.platform
    left join int_money__rates
        on {{ rate_of('ads.currency_key', 'ads.date') }}

)

select * from final
order by system, platform, ad_id, day
