{{ config(materialized=kept_table()) }}
with

int_touchpoints__resolved as (

    select
        system,
        touch_id,
        person,
        touched_at,
        kind,
        platform,
        campaign,
        channel_kind
    from {{ ref('int_touchpoints__resolved') }}
    {{ narrowed('fct_touchpoints', 'int_touchpoints__resolved') }}

),

int_campaigns__declared as (

    select
        campaign,
        goal,
        audience,
        message
    from {{ ref('int_campaigns__declared') }}

),

final as (

    select
        touches.system,
        touches.touch_id,
        touches.person,
        touches.kind,
        touches.platform,
        touches.campaign,
        coalesce(int_campaigns__declared.audience, 'unassigned') as audience,
        coalesce(int_campaigns__declared.message, 'unassigned') as message,
        touches.channel_kind,
        int_campaigns__declared.goal as campaign_goal,
        touches.touched_at,
        {{ business_day('touches.touched_at') }} as touched_on
    from int_touchpoints__resolved as touches
    left join int_campaigns__declared
        on touches.campaign = int_campaigns__declared.campaign

)

select * from final
order by system, touch_id
