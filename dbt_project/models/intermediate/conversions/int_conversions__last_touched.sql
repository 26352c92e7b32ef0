-- Rule 3. The look-back is 30 × 24 hours; both of its ends count.
with

int_conversions__unioned as (

    select
        conversion_kind,
        system,
        conversion_id,
        person,
        converted_at
    from {{ ref('int_conversions__unioned') }}
    where person is not null

),

int_touchpoints__resolved as (

    select
        system,
        touch_id,
        person,
        touched_at,
        platform,
        campaign,
        channel_kind
    from {{ ref('int_touchpoints__resolved') }}
    where
        person is not null
        and is_telling

),

numbered as (

    select
        int_conversions__unioned.conversion_kind,
        int_conversions__unioned.system,
        int_conversions__unioned.conversion_id,
        touches.touch_id,
        touches.platform,
        touches.campaign,
        touches.channel_kind,
        row_number() over (
            partition by
                int_conversions__unioned.conversion_kind,
                int_conversions__unioned.system,
                int_conversions__unioned.conversion_id
            order by touches.touched_at desc, touches.touch_id desc, touches.system desc
        ) as last_first
    from int_conversions__unioned
    inner join int_touchpoints__resolved as touches
        on
            int_conversions__unioned.person = touches.person
            and touches.touched_at <= int_conversions__unioned.converted_at
            and touches.touched_at
            >= {{ dbt.dateadd('hour', -720, 'int_conversions__unioned.converted_at') }}

),

final as (

    select
        conversion_kind,
        system,
        conversion_id,
        touch_id,
        platform,
        campaign,
        channel_kind
    from numbered
    where last_first = 1

)

select * from final
