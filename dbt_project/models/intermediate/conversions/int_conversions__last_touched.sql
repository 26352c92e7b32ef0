{{ config(materialized=kept_table()) }}

-- Rule 3. The look-back is 30 × 24 hours; both of its ends count. Touchpoints and conversions of a
-- person stand in one line of time, so that the cost grows with the rows and not with their pairs.
with

int_conversions__unioned as (

    select
        conversion_kind,
        system,
        conversion_id,
        person,
        converted_at
    from {{ ref('int_conversions__unioned') }}
    {{ narrowed('int_conversions__last_touched', 'int_conversions__unioned') }}

),

touches as (

    select
        touch_id,
        person,
        touched_at,
        platform,
        campaign,
        channel_kind,
        row_number() over (
            partition by person
            order by touched_at, touch_id, system
        ) as touch_number
    from {{ ref('int_touchpoints__resolved') }}
    where
        person is not null
        and is_telling{{ and_of_changed_persons() }}

),

events as (

    select
        person,
        touched_at as happened_at,
        touch_number,
        cast(null as {{ dbt.type_string() }}) as conversion_kind,
        cast(null as {{ dbt.type_string() }}) as system,
        cast(null as {{ dbt.type_string() }}) as conversion_id
    from touches

    union all

    select
        person,
        converted_at as happened_at,
        cast(null as {{ dbt.type_bigint() }}) as touch_number,
        conversion_kind,
        system,
        conversion_id
    from int_conversions__unioned
    where person is not null

),

reached as (

    -- an ordered window ends with all rows of this very moment: a touchpoint of the same second
    -- counts, and the greatest touch_id of a moment is its last
    select
        person,
        happened_at,
        conversion_kind,
        system,
        conversion_id,
        max(touch_number) over (partition by person order by happened_at) as last_touch_number
    from events

),

final as (

    select
        reached.conversion_kind,
        reached.system,
        reached.conversion_id,
        touches.touch_id,
        touches.platform,
        touches.campaign,
        touches.channel_kind
    from reached
    inner join touches
        on
            reached.person = touches.person
            and reached.last_touch_number = touches.touch_number
    where
        reached.conversion_id is not null
        and touches.touched_at >= {{ dbt.dateadd('hour', -720, 'reached.happened_at') }}

)

select * from final
