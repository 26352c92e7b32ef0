{{ config(schema='intermediate', materialized='table') }}
{#- Periods that a target can be compared with; 'all' has none. -#}
{%- set grains = kpi_grains().keys() | list -%}

with metric_days as (
    select day from {{ ref('metric_days') }}
),

kpi_definitions as (
    select
        kpi,
        denominator_measure is null as is_additive
    from {{ ref('kpi_definitions') }}
),

kpi_targets as (
    select
        kpi,
        slice,
        slice_value,
        valid_from,
        valid_to,
        target
    from {{ ref('stg_company__kpi_targets') }}
),

dim_dates as (
    select
        date_day,
        is_working_day
    from {{ ref('dim_dates') }}
),

-- Whole years with data, and the weeks that reach over their ends.
bounds as (
    select
        cast({{ dbt.dateadd('day', -7, dbt.date_trunc('year', 'min(day)')) }} as date) as first_day,
        cast(
            {{ dbt.dateadd('day', 7, dbt.dateadd('year', 1, dbt.date_trunc('year', 'max(day)'))) }}
            as date
        ) as last_day
    from metric_days
),

days as (
    select
        dim_dates.date_day as period_start_day,
        dim_dates.is_working_day,
        {%- for grain in grains[1:] %}
        cast({{ dbt.date_trunc(grain, 'dim_dates.date_day') }} as date) as period_start_{{ grain }},
        {%- endfor %}
        sum(case when dim_dates.is_working_day then 1 else 0 end) over (
            partition by cast({{ dbt.date_trunc('month', 'dim_dates.date_day') }} as date)
        ) as working_days
    from dim_dates
    where
        dim_dates.date_day >= (
            select cast({{ dbt.date_trunc('month', 'first_day') }} as date) from bounds
        )
        and dim_dates.date_day < (
            select cast({{ dbt.dateadd('month', 1, dbt.date_trunc('month', 'last_day')) }} as date)
            from bounds
        )
),

-- A slice left empty means the total; names are compared whatever their case.
targets as (
    select
        kpi_targets.kpi,
        coalesce(nullif(lower(trim(kpi_targets.slice)), ''), 'total') as slice,
        kpi_targets.slice_value,
        cast(kpi_targets.target as decimal(38, 10)) as target,
        coalesce(kpi_targets.valid_from, cast('0001-01-01' as date)) as valid_from,
        coalesce(kpi_targets.valid_to, cast('9999-12-31' as date)) as valid_to,
        kpi_definitions.is_additive
    from kpi_targets
    inner join kpi_definitions on kpi_targets.kpi = kpi_definitions.kpi
    where kpi_targets.target is not null
),

named as (
    select
        kpi,
        slice,
        case when slice = 'total' then 'all' else lower(trim(slice_value)) end as slice_value,
        target,
        valid_from,
        valid_to,
        is_additive
    from targets
),

-- Counts and sums: the target of a month is the one valid on its first day …
days_with_target as (
    select
        named.kpi,
        named.slice,
        named.slice_value,
        named.target,
        days.is_working_day,
        days.working_days,
        days.period_start_day,
        days.period_start_week,
        days.period_start_month,
        days.period_start_quarter,
        days.period_start_year
    from named
    inner join days
        on
            named.valid_from <= days.period_start_month
            and named.valid_to >= days.period_start_month
    where named.is_additive
),

-- … longer periods add their months up where every month has one …
by_month as (
    select distinct
        kpi,
        slice,
        slice_value,
        target,
        period_start_month,
        period_start_quarter,
        period_start_year
    from days_with_target
),

-- … and shorter ones get their share of the month's working days, weekends nothing.
week_parts as (
    select
        kpi,
        slice,
        slice_value,
        period_start_week,
        period_start_month,
        cast(target as double) * count(*) / max(working_days) as target,
        count(*) as days_covered
    from days_with_target
    where is_working_day
    group by kpi, slice, slice_value, period_start_week, period_start_month, target
),

week_lengths as (
    select
        period_start_week,
        count(*) as working_days
    from days
    where is_working_day
    group by period_start_week
),

by_week as (
    select
        week_parts.kpi,
        week_parts.slice,
        week_parts.slice_value,
        week_parts.period_start_week,
        sum(week_parts.target) as target
    from week_parts
    inner join week_lengths on week_parts.period_start_week = week_lengths.period_start_week
    group by
        week_parts.kpi,
        week_parts.slice,
        week_parts.slice_value,
        week_parts.period_start_week,
        week_lengths.working_days
    having sum(week_parts.days_covered) = week_lengths.working_days
),

starts as (
    {%- for grain in grains %}
    select distinct
        '{{ grain }}' as period_grain,
        period_start_{{ grain }} as period_start
    from days
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Rates, means and costs per piece: the target valid on the first day of the period.
valid_on_start as (
    select
        named.kpi,
        starts.period_grain,
        starts.period_start,
        named.slice,
        named.slice_value,
        cast(named.target as double) as target
    from named
    inner join starts
        on named.valid_from <= starts.period_start and named.valid_to >= starts.period_start
    where not named.is_additive
),

spread as (
    select
        kpi,
        'day' as period_grain,
        period_start_day as period_start,
        slice,
        slice_value,
        cast(target as double) / working_days as target
    from days_with_target
    where is_working_day
    union all
    select
        kpi,
        'week' as period_grain,
        period_start_week as period_start,
        slice,
        slice_value,
        target
    from by_week
    union all
    select
        kpi,
        'month' as period_grain,
        period_start_month as period_start,
        slice,
        slice_value,
        cast(target as double) as target
    from by_month
    union all
    {%- for grain, months in [('quarter', 3), ('year', 12)] %}
    select
        kpi,
        '{{ grain }}' as period_grain,
        period_start_{{ grain }} as period_start,
        slice,
        slice_value,
        cast(sum(target) as double) as target
    from by_month
    group by kpi, slice, slice_value, period_start_{{ grain }}
    having count(*) = {{ months }}
    union all
    {%- endfor %}
    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        target
    from valid_on_start
),

final as (
    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        target
    from spread
)

select * from final
