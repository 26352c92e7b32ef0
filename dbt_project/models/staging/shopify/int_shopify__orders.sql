with

stg_shopify__orders as (

    select
        order_id,
        person,
        {{ name_key('source_name') }} as source_name,
        app_name,
        {{ name_key('financial_status') }} as financial_status,
        currency,
        {{ text_or_null('visit_source') }} as visit_source,
        {{ text_or_null('referrer_host') }} as referrer_host,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        customer_order_index,
        current_total,
        net_payment,
        is_test,
        created_at,
        processed_at,
        cancelled_at
    from {{ ref('stg_shopify__orders') }}

),

final as (

    -- source: how the order came in, where that was no online store; else where the visit came
    -- from. That an order came through the online store says nothing of where its customer did.
    select
        'shopify' as system,
        order_id,
        coalesce(processed_at, created_at) as ordered_at,
        person,
        case
            when translate(source_name, '0123456789', '') = '' then app_name
            when source_name not in ('web', 'online_store') then source_name
            when {{ name_key('visit_source') }} <> 'an unknown source' then visit_source
            else referrer_host
        end as source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        {{ shopify_amount() }} as amount,
        currency,
        case
            when is_test then 'test'
            when cancelled_at is not null then 'cancelled'
            else financial_status
        end as status,
        customer_order_index = 1 as new_customer,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from stg_shopify__orders

)

select
    {{ entity_select('orders') }}
from final
