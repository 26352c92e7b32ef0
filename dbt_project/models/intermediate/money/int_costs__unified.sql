with

int_costs__spread as (

    select
        system,
        cost_id,
        cost_on,
        amount
    from {{ ref('int_costs__spread') }}

),

fct_costs as (

    select
        system,
        cost_id,
        department,
        category,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal
    from {{ ref('fct_costs') }}

),

fct_ad_days as (

    select
        system,
        platform,
        ad_id,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal,
        spend,
        day
    from {{ ref('fct_ad_days') }}

),

int_campaigns__with_ad_spend as (

    select campaign
    from {{ ref('int_campaigns__with_ad_spend') }}

),

department_goals as (

    select
        department,
        goal
    from {{ ref('department_goals') }}

),

combined as (

    -- an ad has no department: its goal is its campaign's or not known
    select
        {{ dbt.concat(["'ad|'", 'system', "'|'", 'platform', "'|'", 'ad_id']) }} as cost_key,
        day as cost_on,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal as goal,
        'ads' as category,
        true as is_ad_spend,
        spend as amount
    from fct_ad_days
    where spend is not null

    union all

    select
        {{ dbt.concat(["'cost|'", 'fct_costs.system', "'|'", 'fct_costs.cost_id']) }} as cost_key,
        int_costs__spread.cost_on,
        fct_costs.platform,
        fct_costs.campaign,
        fct_costs.audience,
        fct_costs.message,
        fct_costs.channel_kind,
        coalesce(
            fct_costs.campaign_goal, department_goals.goal
        ) as goal,
        {{ name_key('fct_costs.category') }} as category,
        false as is_ad_spend,
        int_costs__spread.amount
    from int_costs__spread
    inner join fct_costs
        on
            int_costs__spread.system = fct_costs.system
            and int_costs__spread.cost_id = fct_costs.cost_id
    left join department_goals
        on {{ name_key('fct_costs.department') }} = department_goals.department
    where int_costs__spread.amount is not null

),

final as (

    select
        combined.cost_key,
        combined.cost_on,
        combined.platform,
        combined.campaign,
        combined.audience,
        combined.message,
        combined.channel_kind,
        combined.goal,
        combined.category,
        combined.is_ad_spend,
        int_campaigns__with_ad_spend.campaign is not null as campaign_has_ad_spend,
        combined.amount
    from combined
    left join int_campaigns__with_ad_spend
        on combined.campaign = int_campaigns__with_ad_spend.campaign

)

select * from final
