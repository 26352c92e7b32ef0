{{ config(materialized='table') }}
{%- set keys = ['conversion_kind', 'system', 'conversion_id'] -%}
{{- after_all(
    ['int_touchpoints__changed', 'int_deals__lead_linked', 'int_leads__won']
    + ['int_money__rates', 'stg_ops__run'] + conversion_models()
) -}}
{%- if all_anew() -%}
select
    {{ keys | join(',\n    ') }},
    person
from {{ ref('int_conversions__unioned') }}
where 1 = 0
{%- else -%}
-- A conversion is made anew where its entity says something else, its person had other contacts
-- before it, its lead or deal is another one, or an amount has another rate.
with

told as (

    {%- for one in conversion_kinds() %}
    select
        '{{ one.kind }}' as conversion_kind,
        system,
        {{ one.id }} as conversion_id
    from {{ ref('int_' ~ one.entity ~ '__changed') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

met as (

    select
        {{ text_or_null('person') }} as person,
        touched_at
    from {{ ref('int_touchpoints__changed') }}

    union all

    select
        {{ text_or_null('before_person') }} as person,
        before_touched_at as touched_at
    from {{ ref('int_touchpoints__changed') }}

),

met_since as (

    select
        person,
        min(touched_at) as since
    from met
    where person is not null
    group by person

),

led as (

    select
        {{ keys | join(',\n        ') }}
    from told

    union distinct

    select
        conversions.conversion_kind,
        conversions.system,
        conversions.conversion_id
    from {{ ref('int_conversions__unioned') }} as conversions
    inner join met_since
        on
            conversions.person = met_since.person
            and conversions.converted_at >= met_since.since

    union distinct

    -- a deal was won, or is no longer
    select
        'lead' as conversion_kind,
        kept.system,
        kept.lead_id as conversion_id
    from {{ as_kept('fct_leads', 'marts') }} as kept
    left join {{ ref('int_leads__won') }} as won
        on
            kept.system = won.system
            and kept.lead_id = won.lead_id
    where kept.has_won_deal <> (won.lead_id is not null)

),

dealt as (

    select
        {{ keys | join(',\n        ') }}
    from led

    union distinct

    select
        'deal' as conversion_kind,
        deals.system,
        deals.deal_id as conversion_id
    from {{ ref('int_deals__unioned') }} as deals
    inner join led
        on
            led.conversion_kind = 'lead'
            and deals.system = led.system
            and deals.lead_id = led.conversion_id

    union distinct

    select
        'deal' as conversion_kind,
        leads.system,
        leads.deal_id as conversion_id
    from {{ ref('int_leads__unioned') }} as leads
    inner join led
        on
            led.conversion_kind = 'lead'
            and leads.system = led.system
            and leads.lead_id = led.conversion_id
    where leads.deal_id is not null

    union distinct

    select
        'deal' as conversion_kind,
        system,
        before_deal_id as conversion_id
    from {{ ref('int_leads__changed') }}
    where before_deal_id is not null
    {%- for kind, fact, id, moment in [
        ('deal', 'fct_deals', 'deal_id', 'coalesce(kept.closed_at, kept.created_at)'),
        ('order', 'fct_orders', 'order_id', 'kept.ordered_at'),
    ] %}

    union distinct

    select
        '{{ kind }}' as conversion_kind,
        kept.system,
        kept.{{ id }} as conversion_id
    from {{ as_kept(fact, 'marts') }} as kept
    left join {{ ref('int_money__rates') }} as int_money__rates
        on {{ rate_of('kept.currency', business_day(moment)) }}
    where
        kept.currency <> (select run.currency from {{ ref('stg_ops__run') }} as run)
        and {{ converted('kept.amount_original', 'int_money__rates.rate') }}
        is distinct from kept.amount
    {%- endfor %}

),

final as (

    select
        {{ keys | join(',\n        ') }}
    from dealt

    union distinct

    -- a deal that is made anew asks for its lead's answer
    select
        'lead' as conversion_kind,
        links.system,
        links.lead_id as conversion_id
    from {{ ref('int_deals__lead_linked') }} as links
    inner join dealt
        on
            dealt.conversion_kind = 'deal'
            and links.system = dealt.system
            and links.deal_id = dealt.conversion_id

)

select
    {%- for key in keys %}
    final.{{ key }},
    {%- endfor %}
    conversions.person
from final
left join {{ ref('int_conversions__unioned') }} as conversions
    on {{ same('final', 'conversions', keys) }}
{%- endif %}
