{%- set measures = post_measures() | reject('equalto', 'reach') | list -%}
{%- set post = ['system', 'platform', 'post_id'] -%}
-- Days of posts: what the platform counted for the day, else the growth of its lifetime totals.
with

int_post_metrics__unioned as (

    select
        {{ entity_select('post_metrics') }}
    from {{ ref('int_post_metrics__unioned') }}

),

daily as (

    select
        {{ entity_select('post_metrics') }}
    from int_post_metrics__unioned
    where basis = 'daily'

),

preceded as (

    -- the frame of an ordered window ends with this row's whole day, so that day's row counts too
    select
        {{ entity_select('post_metrics') }},
        max(case when basis = 'daily' then as_of end) over (
            partition by {{ post | join(', ') }}
            order by as_of
        ) as last_daily
    from int_post_metrics__unioned

),

readings as (

    select
        *,
        {%- for measure in measures %}
        {{ previous_known(measure, post, 'as_of') }} as previous_{{ measure }},
        {%- endfor %}
        lag(as_of) over (partition by {{ post | join(', ') }} order by as_of) as previous_as_of
    from preceded
    where basis = 'lifetime'

),

growth as (

    -- The first reading counts whole on its day. A total that falls was restated: not known.
    -- A reading that spans days which the platform counted itself would count them twice.
    select
        system,
        platform,
        post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as reach,
        {%- for measure in measures %}
        case
            when {{ measure }} < previous_{{ measure }} then null
            when previous_{{ measure }} is not null then {{ measure }} - previous_{{ measure }}
            else {{ measure }}
        end as {{ measure }},
        {%- endfor %}
        {%- for measure in measures %}
        {{ 'or ' if not loop.first }}coalesce({{ measure }} < previous_{{ measure }}, false)
        {%- endfor %} as is_restated
    from readings
    where
        last_daily is null
        or last_daily <= previous_as_of

),

final as (

    select
        system,
        platform,
        post_id,
        as_of as day,
        basis,
        {%- for measure in post_measures() %}
        {{ measure }},
        {%- endfor %}
        false as is_restated
    from daily

    union all

    select
        growth.system,
        growth.platform,
        growth.post_id,
        growth.as_of as day,
        growth.basis,
        {%- for measure in post_measures() %}
        growth.{{ measure }},
        {%- endfor %}
        growth.is_restated
    from growth
    left join daily
        on
            growth.system = daily.system
            and growth.platform = daily.platform
            and growth.post_id = daily.post_id
            and growth.as_of = daily.as_of
    where daily.post_id is null

)

select * from final
