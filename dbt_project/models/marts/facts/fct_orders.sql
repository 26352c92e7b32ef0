{{ config(materialized=kept_table()) }}
{{- after('int_days__left') -}}
with

int_orders__unioned as (

    select
        {{ entity_select('orders') }},
        {{ currency_key('currency') }} as currency_key
    from {{ ref('int_orders__unioned') }}
    {{ narrowed('fct_orders', 'int_orders__unioned') }}

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

    {{ answers_of('order') }}

),

final as (

    -- An order without a status is an order: most exports hold nothing else.
    select
        orders.system,
        orders.order_id,
        orders.person,
        orders.source,
        orders.utm_source,
        orders.utm_medium,
        orders.utm_campaign,
        orders.utm_content,
        orders.status,
        {{ answer_columns() }},
        coalesce(
            {{ name_key('orders.status') }}
            not in ('test', 'cancelled', 'canceled', 'void', 'voided'),
            true
        ) as is_order,
        orders.new_customer,
        {{ converted('orders.amount', 'int_money__rates.rate') }} as amount,
        orders.amount as amount_original,
        orders.currency_key as currency,
        orders.ordered_at,
        {{ business_day('orders.ordered_at') }} as ordered_on
    from int_orders__unioned as orders
    inner join attributed
        on
            orders.system = attributed.system
            and orders.order_id = attributed.conversion_id
    left join int_money__rates
        on {{ rate_of('orders.currency_key', business_day('orders.ordered_at')) }}

)

select * from final
order by system, order_id
