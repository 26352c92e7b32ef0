{{ config(materialized=kept_table()) }}
with

int_touchpoints__unioned as (

    select
        {{ entity_select('touchpoints') }}
    from {{ ref('int_touchpoints__unioned') }}
    {{ narrowed('int_touchpoints__resolved', 'int_touchpoints__unioned') }}

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
        platform,
        channel_kind
    from {{ ref('int_campaigns__declared') }}

),

final as (

    -- A touchpoint with neither platform nor campaign says nothing of where the person was.
    select
        touches.system,
        touches.touch_id,
        {{ text_or_null('touches.person') }} as person,
        touches.touched_at,
        touches.kind,
        coalesce(
            int_names__resolved.platform, int_campaigns__declared.platform, 'unattributed'
        ) as platform,
        coalesce(
            int_campaigns__named.campaign, {{ name_key('touches.campaign') }}, 'unassigned'
        ) as campaign,
        coalesce(
            int_names__resolved.channel_kind, int_campaigns__declared.channel_kind, 'unknown'
        ) as channel_kind,
        coalesce(
            {{ name_key('touches.platform') }}, {{ name_key('touches.campaign') }}
        ) is not null as is_telling
    from int_touchpoints__unioned as touches
    left join int_names__resolved
        on
            touches.system = int_names__resolved.system
            and {{ name_key('touches.platform') }} = int_names__resolved.name_key
    left join int_campaigns__named
        on {{ name_key('touches.campaign') }} = int_campaigns__named.name_key
    left join int_campaigns__declared
        on int_campaigns__named.campaign = int_campaigns__declared.campaign

)

select * from final
