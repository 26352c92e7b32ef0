{{ config(materialized='stepwise' if target.type == 'spark' else 'table') }}

-- A path is the contacts of one conversion, or the contacts of one person that were too early for
-- any conversion of the kind. Conversions that nobody claims have no contact to take away.
with

journeys as (

    select
        journey,
        conversion_kind,
        touch_number,
        touches,
        touch_system,
        touch_id,
        platform,
        campaign
    from {{ ref('int_journeys__touched') }}
    where is_known

),

stg_ops__run as (

    select
        {{ dbt.dateadd(
            'hour', '-' ~ look_back_hours(),
            business_day_start(dbt.dateadd('day', 1, 'business_date'))
        ) }} as spent_before
    from {{ ref('stg_ops__run') }}

),

kinds as (

    select distinct conversion_kind
    from journeys

),

spent as (

    select
        system,
        touch_id,
        person,
        touched_at,
        platform,
        campaign
    from {{ ref('int_touchpoints__resolved') }}
    where
        person is not null
        and is_telling
        and touched_at < (select stg_ops__run.spent_before from stg_ops__run)

),

unclaimed as (

    -- the same contact may be too early for conversions of several kinds
    select
        kinds.conversion_kind,
        spent.system,
        spent.touch_id,
        spent.person,
        spent.touched_at,
        spent.platform,
        spent.campaign
    from spent
    cross join kinds
    where not exists (
        select 1
        from journeys
        where
            kinds.conversion_kind = journeys.conversion_kind
            and spent.system = journeys.touch_system
            and spent.touch_id = journeys.touch_id
    )

),

states as (

    select
        conversion_kind,
        platform,
        campaign,
        row_number() over (order by conversion_kind, platform, campaign) as state
    from (
        select
            conversion_kind,
            platform,
            campaign
        from journeys

        union

        -- some of these nobody reached unclaimed: a state without a visit is no row
        select
            kinds.conversion_kind,
            reached.platform,
            reached.campaign
        from kinds
        cross join (
            select distinct
                platform,
                campaign
            from spent
        ) as reached
    ) as seen

),

visited_in_journeys as (

    select
        journeys.conversion_kind,
        journeys.journey,
        journeys.touches,
        journeys.touch_number,
        states.state
    from journeys
    inner join states
        on
            journeys.conversion_kind = states.conversion_kind
            and journeys.platform = states.platform
            and journeys.campaign = states.campaign

),

steps as (

    -- a journey of one contact needs no window
    select
        conversion_kind,
        touch_number as place,
        state,
        -1 as next_state
    from visited_in_journeys
    where touches = 1

    union all

    select
        conversion_kind,
        touch_number as place,
        state,
        coalesce(lead(state) over (partition by journey order by touch_number), -1) as next_state
    from visited_in_journeys
    where touches > 1

    union all

    select
        unclaimed.conversion_kind,
        row_number() over (
            partition by unclaimed.conversion_kind, unclaimed.person
            order by unclaimed.touched_at, unclaimed.touch_id, unclaimed.system
        ) as place,
        states.state,
        coalesce(
            lead(states.state) over (
                partition by unclaimed.conversion_kind, unclaimed.person
                order by unclaimed.touched_at, unclaimed.touch_id, unclaimed.system
            ),
            -2
        ) as next_state
    from unclaimed
    inner join states
        on
            unclaimed.conversion_kind = states.conversion_kind
            and unclaimed.platform = states.platform
            and unclaimed.campaign = states.campaign

),

walks as (

    select
        conversion_kind,
        0 as from_state,
        state as to_state,
        count(*) as walks
    from steps
    where place = 1
    group by conversion_kind, state

    union all

    select
        conversion_kind,
        state as from_state,
        next_state as to_state,
        count(*) as walks
    from steps
    group by conversion_kind, state, next_state

),

{{ markov_ctes('walks') }},

final as (

    select
        states.conversion_kind,
        states.platform,
        states.campaign,
        states.state,
        removal_effects.removal_effect,
        removal_effects.still_walking
    from states
    inner join removal_effects
        on states.state = removal_effects.state

)

select * from final
