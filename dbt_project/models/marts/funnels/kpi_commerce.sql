with

metric_days as (

    select
        cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
        platform,
        campaign,
        channel_kind,
        measure,
        value
    from {{ ref('metric_days') }}

),

summed as (

    select
        month,
        platform,
        campaign,
        channel_kind,
        cast({{ sum_of('orders') }} as double) as orders,
        cast({{ sum_of('order_revenue') }} as decimal(38, 6)) as order_revenue,
        cast({{ sum_of('first_orders') }} as double) as first_orders,
        cast({{ sum_of('orders_with_customer_flag') }} as double) as flagged_orders,
        cast({{ sum_of('commerce_clicks') }} as double) as clicks,
        cast({{ sum_of('orders_of_commerce_campaigns') }} as double) as orders_of_campaigns,
        cast({{ sum_of('commerce_cost') }} as decimal(38, 6)) as cost
    from metric_days
    group by
        month,
        platform,
        campaign,
        channel_kind

),

bounded as (

    select
        summed.*,
        coalesce(poisson_bounds.lower_95, {{ byar_lower('summed.orders') }}) as orders_lower,
        coalesce(poisson_bounds.upper_95, {{ byar_upper('summed.orders') }}) as orders_upper
    from summed
    left join {{ ref('poisson_bounds') }} as poisson_bounds
        on summed.orders = poisson_bounds.events
    where
        summed.orders is not null
        or summed.clicks is not null
        or summed.cost is not null

),

final as (

    select
        month,
        platform,
        campaign,
        channel_kind,
        cast(orders as {{ dbt.type_bigint() }}) as orders,
        orders_lower as orders_lower_95,
        orders_upper as orders_upper_95,
        order_revenue,
        cast(order_revenue as double) / nullif(orders, 0) as average_order_value,
        first_orders / nullif(flagged_orders, 0) as new_customer_share,
        {{ wilson_lower('first_orders', 'flagged_orders') }} as new_customer_share_lower_95,
        {{ wilson_upper('first_orders', 'flagged_orders') }} as new_customer_share_upper_95,
        cast(clicks as {{ dbt.type_bigint() }}) as clicks,
        orders_of_campaigns / nullif(clicks, 0) as click_to_order_rate,
        cost,
        cast(cost as double) / nullif(orders, 0) as cost_per_order,
        {{ cost_per_count_lower('cast(cost as double)', 'orders_upper') }}
            as cost_per_order_lower_95,
        {{ cost_per_count_upper('cast(cost as double)', 'orders_lower') }}
            as cost_per_order_upper_95
    from bounded

)

select * from final
order by month, platform, campaign, channel_kind
