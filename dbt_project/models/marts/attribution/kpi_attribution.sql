{%- set touch_models = ['first', 'last', 'linear', 'position', 'time_decay'] -%}
{%- set models = touch_models + ['markov'] -%}
with

fct_attributed_conversions as (

    select
        conversion_kind,
        campaign,
        platform,
        {%- for model in models %}
        cast(credit_{{ model }} as decimal(38, 15)) as credit_{{ model }},
        cast(credit_{{ model }} * amount as decimal(38, 15)) as amount_{{ model }},
        {%- endfor %}
        touches
    from {{ ref('fct_attributed_conversions') }}

),

int_journeys__removal_effects as (

    select
        conversion_kind,
        campaign,
        cast(removal_effect as decimal(38, 18)) as removal_effect
    from {{ ref('int_journeys__removal_effects') }}

),

dim_campaigns as (

    select
        campaign,
        goal
    from {{ ref('dim_campaigns') }}

),

credited as (

    select
        conversion_kind,
        campaign,
        {%- for model in models %}
        cast(sum(credit_{{ model }}) as double) as credit_{{ model }},
        sum(amount_{{ model }}) as amount_{{ model }},
        {%- endfor %}
        cast(
            sum(
                case
                    when touches = 1 and platform = 'unattributed' and campaign = 'unassigned'
                        then 1
                    else 0
                end
            ) as double
        ) as unclaimed
    from fct_attributed_conversions
    group by conversion_kind, campaign

),

effects as (

    select
        conversion_kind,
        campaign,
        cast(sum(removal_effect) as double) as removal_effect
    from int_journeys__removal_effects
    group by conversion_kind, campaign
    having sum(removal_effect) > 0

),

counted as (

    select
        conversion_kind,
        sum(credit_last) as conversions,
        sum(unclaimed) as unclaimed,
        max(amount_last) as greatest_amount
    from credited
    group by conversion_kind

),

removed as (

    select
        conversion_kind,
        cast(sum(removal_effect) as double) as removal_effect
    from int_journeys__removal_effects
    group by conversion_kind

),

campaigns as (

    select
        conversion_kind,
        campaign
    from credited

    union distinct

    select
        conversion_kind,
        campaign
    from effects

),

-- Markov: the chain's own totals over the conversions with a contact; the others stay nobody's.
-- A campaign that the chain credits without a place in any journey has no share of an amount: 0.
joined as (

    select
        campaigns.conversion_kind,
        campaigns.campaign,
        dim_campaigns.goal,
        {%- for model in touch_models %}
        coalesce(credited.credit_{{ model }}, 0e0) as credit_{{ model }},
        {%- endfor %}
        coalesce(credited.unclaimed, 0e0)
        + coalesce(
            effects.removal_effect / nullif(removed.removal_effect, 0)
            * (counted.conversions - counted.unclaimed),
            0e0
        ) as credit_markov,
        {%- for model in models %}
        case
            when credited.campaign is not null then credited.amount_{{ model }}
            when counted.greatest_amount is not null then 0
        end as amount_{{ model }},
        {%- endfor %}
        counted.conversions as conversions_of_kind
    from campaigns
    inner join counted
        on campaigns.conversion_kind = counted.conversion_kind
    left join credited
        on
            campaigns.conversion_kind = credited.conversion_kind
            and campaigns.campaign = credited.campaign
    left join effects
        on
            campaigns.conversion_kind = effects.conversion_kind
            and campaigns.campaign = effects.campaign
    left join removed
        on campaigns.conversion_kind = removed.conversion_kind
    left join dim_campaigns
        on campaigns.campaign = dim_campaigns.campaign

),

final as (

    {%- for model in models %}
    select
        conversion_kind,
        campaign,
        '{{ model }}' as model,
        goal,
        credit_{{ model }} as conversions,
        credit_{{ model }} / nullif(conversions_of_kind, 0) as share,
        cast(amount_{{ model }} as decimal(38, 6)) as amount,
        credit_{{ model }} - credit_last as difference_to_last
    from joined
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
order by conversion_kind, campaign, model
