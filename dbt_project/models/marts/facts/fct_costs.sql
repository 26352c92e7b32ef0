with

int_costs__unioned as (

    select
        {{ entity_select('costs') }},
        {{ currency_key('currency') }} as currency_key,
        {{ name_key('campaign') }} as campaign_key,
        {{ name_key('platform') }} as platform_key
    from {{ ref('int_costs__unioned') }}

),

int_money__rates as (

    select
        currency,
        valid_from,
        valid_to,
        rate
    from {{ ref('int_money__rates') }}

),

int_names__resolved as (

    select
        system,
        name_key,
        platform,
        channel_kind
    from {{ ref('int_names__resolved') }}

),

int_campaigns__named as (

    select
        name_key,
        campaign
    from {{ ref('int_campaigns__named') }}

),

int_campaigns__declared as (

    select
        campaign,
        goal,
        platform,
        channel_kind,
        audience,
        message
    from {{ ref('int_campaigns__declared') }}

),

final as (

    select
        costs.system,
        costs.cost_id,
        {{ text_or_null('costs.department') }} as department,
        costs.category,
        coalesce(
            int_names__resolved.platform, int_campaigns__declared.platform, 'unattributed'
        ) as platform,
        coalesce(int_campaigns__named.campaign, costs.campaign_key, 'unassigned') as campaign,
        coalesce(int_campaigns__declared.audience, 'unassigned') as audience,
        coalesce(int_campaigns__declared.message, 'unassigned') as message,
        coalesce(
            int_names__resolved.channel_kind, int_campaigns__declared.channel_kind, 'unknown'
        ) as channel_kind,
        int_campaigns__declared.goal as campaign_goal,
        {{ converted('costs.amount', 'int_money__rates.rate') }} as amount,
        costs.amount as amount_original,
        costs.currency_key as currency,
        costs.date,
        costs.until
    from int_costs__unioned as costs
    left join int_names__resolved
        on
            costs.system = int_names__resolved.system
            and costs.platform_key = int_names__resolved.name_key
    left join int_campaigns__named
        on costs.campaign_key = int_campaigns__named.name_key
    left join int_campaigns__declared
        on int_campaigns__named.campaign = int_campaigns__declared.campaign
    left join int_money__rates
        on {{ rate_of('costs.currency_key', 'costs.date') }}

)

select * from final
order by system, cost_id
