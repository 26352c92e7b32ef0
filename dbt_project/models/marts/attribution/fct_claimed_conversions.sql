{%- set grain = [
    'system', 'platform', 'campaign', 'day', 'claim', 'attribution_window'
] -%}
with

int_claimed_conversions__unioned as (

    select
        {{ entity_select('claimed_conversions') }},
        {{ currency_key('currency') }} as currency_key,
        {{ name_key('campaign') }} as campaign_key
    from {{ ref('int_claimed_conversions__unioned') }}
    where claimed is not null

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

answers as (

    {{ claim_answers() }}

),

ours as (

    select
        metric_days.platform,
        metric_days.campaign,
        metric_days.day,
        metric_days.measure,
        cast(sum(metric_days.value) as double) as value
    from {{ ref('metric_days') }} as metric_days
    where
        metric_days.measure in (select answers.measure from answers)
        and metric_days.day in (select ads.date from int_claimed_conversions__unioned as ads)
    group by
        metric_days.platform, metric_days.campaign, metric_days.day, metric_days.measure

),

reported as (

    -- a measure without a row anywhere is one that no system of ours reports
    select distinct
        answers.claim_kind,
        answers.goal,
        answers.measure
    from answers
    where answers.measure in (
        select metric_days.measure from {{ ref('metric_days') }} as metric_days
    )

),

campaign_found as (

    {{ ads_with_campaign('int_claimed_conversions__unioned') }}

),

claimed as (

    select
        ads.system,
        ads.platform,
        ads.campaign_name as campaign,
        ads.date as day,
        lower(trim(ads.claim)) as claim,
        ads.attribution_window,
        {{ claim_kind('ads.claim') }} as claim_kind,
        cast(sum(cast(ads.claimed as decimal(38, 6))) as double) as claimed,
        sum({{ converted('ads.claimed_value', 'int_money__rates.rate') }}) as claimed_value
    from campaign_found as ads
    left join int_money__rates
        on {{ rate_of('ads.currency_key', 'ads.date') }}
    group by
        ads.system,
        ads.platform,
        ads.campaign_name,
        ads.date,
        lower(trim(ads.claim)),
        ads.attribution_window,
        {{ claim_kind('ads.claim') }}

),

final as (

    -- 0, not NULL, where a system of ours reports the kind and nothing came that day
    select
        claimed.system,
        claimed.platform,
        claimed.campaign,
        coalesce(int_campaigns__declared.audience, 'unassigned') as audience,
        coalesce(int_campaigns__declared.message, 'unassigned') as message,
        coalesce(int_platforms__kinded.channel_kind, 'unknown') as channel_kind,
        int_campaigns__declared.goal as campaign_goal,
        claimed.day,
        claimed.claim,
        claimed.attribution_window,
        claimed.claimed,
        cast(claimed.claimed_value as decimal(18, 4)) as claimed_value,
        sum(case when reported.measure is not null then coalesce(ours.value, 0) end) as ours
    from claimed
    left join int_campaigns__declared
        on claimed.campaign = int_campaigns__declared.campaign
    left join int_platforms__kinded
        on claimed.platform = int_platforms__kinded.platform
    left join reported
        on
            claimed.claim_kind = reported.claim_kind
            and coalesce(reported.goal, int_campaigns__declared.goal, '')
            = coalesce(int_campaigns__declared.goal, '')
    left join ours
        on
            reported.measure = ours.measure
            and claimed.platform = ours.platform
            and claimed.campaign = ours.campaign
            and claimed.day = ours.day
    group by
        claimed.system,
        claimed.platform,
        claimed.campaign,
        int_campaigns__declared.audience,
        int_campaigns__declared.message,
        int_platforms__kinded.channel_kind,
        int_campaigns__declared.goal,
        claimed.day,
        claimed.claim,
        claimed.attribution_window,
        claimed.claimed,
        claimed.claimed_value

)

select * from final
order by {{ grain | join(', ') }}
