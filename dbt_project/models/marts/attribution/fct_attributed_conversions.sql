{{ config(materialized=kept_table()) }}
{%- set contact = [
    'conversion_kind', 'system', 'conversion_id', 'touch_number', 'touches', 'platform', 'campaign',
    'audience', 'message', 'channel_kind', 'touched_at', 'converted_on', 'amount'
] -%}
with

int_journeys__touched as (

    select
        journey,
        conversion_kind,
        system,
        conversion_id,
        touch_number,
        touches,
        platform,
        campaign,
        channel_kind,
        touched_at,
        last_touched_at,
        converted_on,
        amount
    from {{ ref('int_journeys__touched') }}
    {{ narrowed('fct_attributed_conversions', 'int_journeys__touched') }}

),

int_journeys__removal_effects as (

    select
        conversion_kind,
        platform,
        campaign,
        state,
        removal_effect
    from {{ ref('int_journeys__removal_effects') }}

),

int_campaigns__declared as (

    select
        campaign,
        audience,
        message
    from {{ ref('int_campaigns__declared') }}

),

described as (

    select
        journeys.*,
        coalesce(declared.audience, 'unassigned') as audience,
        coalesce(declared.message, 'unassigned') as message
    from int_journeys__touched as journeys
    left join int_campaigns__declared as declared
        on journeys.campaign = declared.campaign

),

weighed as (

    -- A platform and campaign met twice in a journey shares one removal effect among its touches.
    select
        journeys.*,
        {{ time_decay_weight(dbt.datediff(
            'journeys.touched_at', 'journeys.last_touched_at', 'second'
        )) }} as decay_weight,
        cast(
            effects.removal_effect
            / count(*) over (partition by journeys.journey, effects.state)
            as decimal(18, 17)
        ) as markov_weight
    from described as journeys
    left join int_journeys__removal_effects as effects
        on
            journeys.conversion_kind = effects.conversion_kind
            and journeys.platform = effects.platform
            and journeys.campaign = effects.campaign
    where journeys.touches > 1

),

totalled as (

    select
        weighed.*,
        sum(decay_weight) over (partition by journey) as decay_total,
        sum(markov_weight) over (partition by journey) as markov_total
    from weighed

),

final as (

    select
        {{ contact | join(',\n        ') }},
        {{ credit_first('touch_number') }} as credit_first,
        {{ credit_last('touch_number', 'touches') }} as credit_last,
        {{ credit_linear('touches') }} as credit_linear,
        {{ credit_position('touch_number', 'touches') }} as credit_position,
        cast(decay_weight as double) / cast(decay_total as double) as credit_time_decay,
        case
            when markov_total > 0
                then cast(markov_weight as double) / cast(markov_total as double)
            else {{ credit_linear('touches') }}
        end as credit_markov
    from totalled

    union all

    -- A contact alone has it all by any model, without a window.
    select
        {{ contact | join(',\n        ') }},
        1e0 as credit_first,
        1e0 as credit_last,
        1e0 as credit_linear,
        1e0 as credit_position,
        1e0 as credit_time_decay,
        1e0 as credit_markov
    from described
    where touches = 1

)

select * from final
order by conversion_kind, system, conversion_id, touch_number
