{#- One conversion appears under several action types (purchase, omni_purchase, the pixel's own):
    of each claim the first type that the ad has that day counts. Add a claim in one line. -#}
{%- set claims = {
    'lead': ['lead', 'onsite_conversion.lead_grouped', 'offsite_conversion.fb_pixel_lead'],
    'purchase': ['omni_purchase', 'purchase', 'offsite_conversion.fb_pixel_purchase'],
} -%}
with

stg_meta_ads__ad_actions as (

    select
        ad_id,
        metric_date,
        coalesce(publisher_platform, '') as publisher_platform,
        action_type,
        attribution_window,
        claimed_count,
        claimed_value
    from {{ ref('stg_meta_ads__ad_actions') }}

),

int_meta_ads__ad_days_placed as (

    select
        ad_id,
        metric_date,
        coalesce(publisher_platform, '') as publisher_platform,
        platform,
        campaign,
        audience,
        currency
    from {{ ref('int_meta_ads__ad_days_placed') }}

),

types as (

    {%- for claim, types in claims.items() %}
    {%- set is_last = loop.last %}
    {%- for type in types %}
    select
        '{{ claim }}' as claim,
        '{{ type }}' as action_type,
        {{ loop.index }} as type_rank
    {{ 'union all' if not (is_last and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

ranked as (

    select
        actions.*,
        types.claim,
        row_number() over (
            partition by
                actions.ad_id, actions.metric_date, actions.publisher_platform, types.claim,
                actions.attribution_window
            order by types.type_rank
        ) as first_type
    from stg_meta_ads__ad_actions as actions
    inner join types
        on actions.action_type = types.action_type

),

final as (

    select
        'meta_ads' as system,
        coalesce(days.platform, 'facebook') as platform,
        ranked.ad_id,
        ranked.metric_date as date,
        days.campaign,
        days.audience,
        cast(null as {{ dbt.type_string() }}) as message,
        ranked.claim,
        ranked.attribution_window,
        sum(ranked.claimed_count) as claimed,
        cast(sum(ranked.claimed_value) as {{ entity_type('money') }}) as claimed_value,
        days.currency
    from ranked
    left join int_meta_ads__ad_days_placed as days
        on
            ranked.ad_id = days.ad_id
            and ranked.metric_date = days.metric_date
            and ranked.publisher_platform = days.publisher_platform
    where ranked.first_type = 1
    group by
        days.platform, ranked.ad_id, ranked.metric_date, days.campaign, days.audience, ranked.claim,
        ranked.attribution_window, days.currency

)

select
    {{ entity_select('claimed_conversions') }}
from final
