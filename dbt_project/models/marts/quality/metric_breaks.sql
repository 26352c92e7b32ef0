with

metric_definitions as (

    select
        platform,
        entity,
        measure,
        version,
        metric,
        valid_from,
        is_day_exact,
        meaning,
        change
    from {{ ref('metric_definitions') }}

),

days_measured as (

    select
        cast(null as {{ dbt.type_string() }}) as entity,
        cast(null as {{ dbt.type_string() }}) as measure,
        cast(null as {{ dbt.type_string() }}) as day_measure
    {%- for one in measures_of_columns() or [] %}
    union all
    select
        '{{ one.entity }}' as entity,
        '{{ one.column }}' as measure,
        '{{ one.measure }}' as day_measure
    {%- endfor %}

),

final as (

    -- A version that follows another one, and a measure that began on a known day.
    select
        newer.platform,
        newer.entity,
        newer.measure,
        newer.valid_from as break_on,
        newer.is_day_exact,
        older.version as from_version,
        older.metric as from_metric,
        older.meaning as from_meaning,
        newer.version as to_version,
        newer.metric as to_metric,
        newer.meaning as to_meaning,
        newer.change,
        days_measured.day_measure
    from metric_definitions as newer
    left join metric_definitions as older
        on
            newer.platform = older.platform
            and newer.entity = older.entity
            and newer.measure = older.measure
            and newer.version = older.version + 1
    left join days_measured
        on
            newer.entity = days_measured.entity
            and newer.measure = days_measured.measure
    where newer.valid_from is not null

)

select * from final
order by platform, entity, measure, break_on
