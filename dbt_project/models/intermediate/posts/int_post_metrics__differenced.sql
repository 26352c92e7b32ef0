{{- after('int_posts__changed') -}}
{%- set measures = post_measures() | reject('equalto', 'reach') | list -%}
{%- set redefined = redefined() -%}
{%- set post = ['system', 'platform', 'post_id'] -%}
{#- Readings are compared only where no day that the platform counted itself lies between. -#}
{%- set span = post + ['last_daily'] -%}
-- Days of posts: what the platform counted for the day, else the growth of its lifetime totals.
with

int_post_metrics__unioned as (

    select
        {{ entity_select('post_metrics') }}
    from {{ ref('int_post_metrics__unioned') }}
    {%- if not all_anew() %}
    where {{ of_changed_posts('int_post_metrics__unioned', 'as_of', whole=true) }}
    {%- endif %}

),

metric_definitions as (

    select
        platform,
        measure,
        valid_from
    from {{ ref('metric_definitions') }}
    where
        entity = 'post_metrics'
        and version > 1

),

days_read as (

    select distinct
        platform,
        as_of
    from int_post_metrics__unioned
    where basis = 'lifetime'

),

defined as (

    -- how often each measure had been redefined by the day of the reading
    select
        days_read.platform,
        {%- for measure in redefined %}
        sum(case when metric_definitions.measure = '{{ measure }}' then 1 else 0 end)
            as {{ measure }}_version,
        {%- endfor %}
        days_read.as_of
    from days_read
    left join metric_definitions
        on
            days_read.platform = metric_definitions.platform
            and days_read.as_of >= metric_definitions.valid_from
    group by days_read.platform, days_read.as_of

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
    from int_post_metrics__unioned as metrics
    where exists (
        select 1
        from int_post_metrics__unioned as lifetime
        where
            lifetime.basis = 'lifetime'
            and metrics.system = lifetime.system
            and metrics.platform = lifetime.platform
            and metrics.post_id = lifetime.post_id
    )

),

versioned as (

    select
        {%- for measure in redefined %}
        defined.{{ measure }}_version,
        {%- endfor %}
        preceded.*
    from preceded
    inner join defined
        on
            preceded.platform = defined.platform
            and preceded.as_of = defined.as_of
    where preceded.basis = 'lifetime'

),

readings as (

    select
        *,
        {%- for measure in measures %}
        {{ previous_known(measure, span, 'as_of') }} as previous_{{ measure }},
        {%- endfor %}
        {%- for measure in redefined %}
        {%- set known = 'case when ' ~ measure ~ ' is not null then ' ~ measure ~ '_version end' %}
        {{ previous_known(known, span, 'as_of') }} as previous_{{ measure }}_version,
        {%- endfor %}
        lag(as_of) over (partition by {{ span | join(', ') }} order by as_of) as previous_as_of
    from versioned

),

growth as (

    -- The first reading counts whole on its day. A total that falls was restated: not known.
    -- The first reading after days that the platform counted itself would count them twice.
    -- What lies between readings by two definitions is counted by neither: not known.
    select
        system,
        platform,
        post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as reach,
        {%- for measure in measures %}
        case
            {%- if measure in redefined %}
            when {{ measure }}_version <> previous_{{ measure }}_version then null
            {%- endif %}
            when {{ measure }} < previous_{{ measure }} then null
            when previous_{{ measure }} is not null then {{ measure }} - previous_{{ measure }}
            when last_daily is null then {{ measure }}
        end as {{ measure }},
        {%- endfor %}
        {{ dbt.datediff('previous_as_of', 'as_of', 'day') }} as days_since_reading,
        {%- for measure in measures %}
        {{ 'or ' if not loop.first }}coalesce({{ measure }} < previous_{{ measure }}, false)
        {%- endfor %} as is_restated
    from readings
    where
        last_daily is null
        or previous_as_of is not null

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
        cast(null as {{ dbt.type_bigint() }}) as days_since_reading,
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
        growth.days_since_reading,
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
