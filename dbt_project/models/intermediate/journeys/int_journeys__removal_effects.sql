{{ config(materialized='stepwise' if target.type == 'spark' else 'table') }}

-- A path is the contacts of one conversion, or the contacts of one person that were too early for
-- any conversion of the kind. Conversions that nobody claims have no contact to take away.
with

journeys as (

    select
        journey,
        conversion_kind,
        touch_number,
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

used as (

    select distinct
        conversion_kind,
        touch_system,
        touch_id
    from journeys
    where touch_id is not null

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

contacts as (

    select
        conversion_kind,
        journey,
        cast(null as {{ dbt.type_string() }}) as person,
        -1 as outcome,
        touch_number as place,
        platform,
        campaign
    from journeys

    union all

    select
        kinds.conversion_kind,
        cast(null as {{ dbt.type_bigint() }}) as journey,
        spent.person,
        -2 as outcome,
        row_number() over (
            partition by kinds.conversion_kind, spent.person
            order by spent.touched_at, spent.touch_id, spent.system
        ) as place,
        spent.platform,
        spent.campaign
    from spent
    cross join kinds
    left join used
        on
            kinds.conversion_kind = used.conversion_kind
            and spent.system = used.touch_system
            and spent.touch_id = used.touch_id
    where used.touch_id is null

),

states as (

    select
        conversion_kind,
        platform,
        campaign,
        row_number() over (order by conversion_kind, platform, campaign) as state
    from (
        select distinct
            conversion_kind,
            platform,
            campaign
        from contacts
    ) as seen

),

steps as (

    select
        contacts.conversion_kind,
        contacts.outcome,
        contacts.place,
        states.state,
        lead(states.state) over (
            partition by contacts.conversion_kind, contacts.journey, contacts.person
            order by contacts.place
        ) as next_state
    from contacts
    inner join states
        on
            contacts.conversion_kind = states.conversion_kind
            and contacts.platform = states.platform
            and contacts.campaign = states.campaign

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
        coalesce(next_state, outcome) as to_state,
        count(*) as walks
    from steps
    group by conversion_kind, state, coalesce(next_state, outcome)

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
