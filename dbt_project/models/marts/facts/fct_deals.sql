{{ config(materialized=kept_table()) }}
{{- after('int_days__left') -}}
{%- set day_of_amount = business_day('coalesce(deals.closed_at, deals.created_at)') -%}
with

int_deals__unioned as (

    select
        {{ entity_select('deals') }},
        {{ currency_key('currency') }} as currency_key
    from {{ ref('int_deals__unioned') }}
    {{ narrowed('fct_deals', 'int_deals__unioned') }}

),

int_money__rates as (

    select
        currency,
        valid_from,
        valid_to,
        rate
    from {{ ref('int_money__rates') }}

),

attributed as (

    {{ answers_of('deal') }}

),

final as (

    select
        deals.system,
        deals.deal_id,
        deals.lead_id,
        deals.person,
        deals.source,
        deals.utm_source,
        deals.utm_medium,
        deals.utm_campaign,
        deals.utm_content,
        {{ answer_columns() }},
        deals.won,
        {{ converted('deals.amount', 'int_money__rates.rate') }} as amount,
        deals.amount as amount_original,
        deals.currency_key as currency,
        deals.created_at,
        deals.closed_at,
        {{ business_day('deals.created_at') }} as created_on,
        coalesce(
            {{ business_day('deals.closed_at') }},
            case when deals.won then {{ business_day('deals.created_at') }} end
        ) as closed_on
    from int_deals__unioned as deals
    inner join attributed
        on
            deals.system = attributed.system
            and deals.deal_id = attributed.conversion_id
    left join int_money__rates
        on {{ rate_of('deals.currency_key', day_of_amount) }}

)

select * from final
order by system, deal_id
