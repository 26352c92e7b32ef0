with

fct_deals as (

    select
        system,
        deal_id,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        amount,
        closed_on
    from {{ ref('fct_deals') }}
    where
        won
        and amount is not null

),

fct_orders as (

    select
        system,
        order_id,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        amount,
        ordered_on
    from {{ ref('fct_orders') }}
    where
        is_order
        and amount is not null

),

int_campaigns__with_ad_spend as (

    select campaign
    from {{ ref('int_campaigns__with_ad_spend') }}

),

combined as (

    select
        'won' as kind,
        {{ dbt.concat(["'won|'", 'system', "'|'", 'deal_id']) }} as revenue_key,
        closed_on as revenue_on,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        amount
    from fct_deals

    union all

    select
        'order' as kind,
        {{ dbt.concat(["'order|'", 'system', "'|'", 'order_id']) }} as revenue_key,
        ordered_on as revenue_on,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        amount
    from fct_orders

),

final as (

    select
        combined.revenue_key,
        combined.kind,
        combined.revenue_on,
        combined.platform,
        combined.campaign,
        combined.audience,
        combined.message,
        combined.channel_kind,
        int_campaigns__with_ad_spend.campaign is not null as campaign_has_ad_spend,
        combined.amount
    from combined
    left join int_campaigns__with_ad_spend
        on combined.campaign = int_campaigns__with_ad_spend.campaign

)

select * from final
