{{ config(materialized=kept_table()) }}

-- The contacts of each conversion that counts: the person's touchpoints in the look-back, then the
-- answer of the rules, unless the last touchpoint is the same contact (rule 3 always is).
with

counting as (

    {%- for kind, fact, id, moment, day, amount, condition in counted_kinds() %}
    select
        '{{ kind }}' as conversion_kind,
        system,
        {{ id }} as conversion_id,
        {{ text_or_null('person') }} as person,
        platform,
        campaign,
        channel_kind,
        {{ moment }} as converted_at,
        {{ day }} as converted_on,
        cast({{ amount or 'null' }} as decimal(18, 4)) as amount
    from (
        select *
        from {{ ref(fact) }}
        {{ narrowed(fact, fact) }}
    ) as facts
    {% if condition %}where {{ condition }}{% endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

conversions as (

    -- one number in place of three texts: windows and joins over it are quick
    select
        counting.*,
        {{ last_kept_number('int_journeys__touched', 'journey') }}
        + row_number() over (order by conversion_kind, system, conversion_id) as journey
    from counting

),

int_conversions__last_touched as (

    select
        conversion_kind,
        system,
        conversion_id,
        platform,
        campaign
    from {{ ref('int_conversions__last_touched') }}

),

touches as (

    select
        system,
        touch_id,
        person,
        touched_at,
        platform,
        campaign,
        channel_kind,
        {{ look_back_slot('touched_at') }} as slot
    from {{ ref('int_touchpoints__resolved') }}
    where
        person is not null
        and is_telling{{ and_of_changed_persons() }}

),

slots as (

    {%- for back in [0, 1] %}
    select
        journey,
        person,
        converted_at,
        {{ dbt.dateadd('hour', '-' ~ look_back_hours(), 'converted_at') }} as earliest_at,
        {{ look_back_slot('converted_at') }} - {{ back }} as slot
    from conversions
    where person is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

contacts as (

    select
        slots.journey,
        touches.system as touch_system,
        touches.touch_id,
        touches.platform,
        touches.campaign,
        touches.channel_kind,
        touches.touched_at,
        0 as is_answer
    from slots
    inner join touches
        on
            slots.person = touches.person
            and slots.slot = touches.slot
            and touches.touched_at >= slots.earliest_at
            and touches.touched_at <= slots.converted_at

    union all

    select
        conversions.journey,
        cast(null as {{ dbt.type_string() }}) as touch_system,
        cast(null as {{ dbt.type_string() }}) as touch_id,
        conversions.platform,
        conversions.campaign,
        conversions.channel_kind,
        conversions.converted_at as touched_at,
        1 as is_answer
    from conversions
    left join int_conversions__last_touched as last_touched
        on
            conversions.conversion_kind = last_touched.conversion_kind
            and conversions.system = last_touched.system
            and conversions.conversion_id = last_touched.conversion_id
    where
        last_touched.platform is null
        or last_touched.platform <> conversions.platform
        or last_touched.campaign <> conversions.campaign

),

numbered as (

    select
        contacts.*,
        row_number() over (
            partition by journey
            order by is_answer, touched_at, touch_id, touch_system
        ) as touch_number,
        count(*) over (partition by journey) as touches,
        max(touched_at) over (partition by journey) as last_touched_at
    from contacts

),

final as (

    -- The last contact takes its kind of channel from the answer: so do the KPIs.
    select
        numbered.journey,
        conversions.conversion_kind,
        conversions.system,
        conversions.conversion_id,
        numbered.touch_number,
        numbered.touches,
        numbered.touch_system,
        numbered.touch_id,
        numbered.platform,
        numbered.campaign,
        case
            when numbered.touch_number = numbered.touches then conversions.channel_kind
            else numbered.channel_kind
        end as channel_kind,
        numbered.touched_at,
        numbered.last_touched_at,
        conversions.converted_on,
        conversions.amount,
        numbered.touches > 1
        or numbered.platform <> 'unattributed'
        or numbered.campaign <> 'unassigned' as is_known
    from numbered
    inner join conversions
        on numbered.journey = conversions.journey

)

select * from final
