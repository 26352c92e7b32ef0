{{ config(materialized=kept_table()) }}
{{- after('int_kpis__periods_changed') -}}
{%- set slices = kpi_dimensions() -%}
{%- set grains = kpi_grains() -%}
{%- set known = 'valued' if all_anew() else 'known' -%}
{%- set key = ['kpi', 'period_grain', 'slice', 'slice_value'] -%}

with metric_days as (
    select
        day,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        measure,
        value
    from {{ ref('metric_days') }}
),

kpi_definitions as (
    select
        kpi,
        unit,
        direction,
        interval_method,
        maturity_days,
        numerator_measure,
        denominator_measure,
        squares_measure,
        numerator_divisor,
        denominator_divisor
    from {{ ref('kpi_definitions') }}
),

poisson_bounds as (
    select
        events,
        lower_95,
        upper_95
    from {{ ref('poisson_bounds') }}
),

targets as (
    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        target
    from {{ ref('int_kpis__targets_spread') }}
),

run as (
    select business_date from {{ ref('stg_ops__run') }}
),

-- A KPI has up to three sides; one measure may stand on several sides and in several KPIs.
sides as (
    select
        kpi,
        numerator_measure as measure,
        'numerator' as side
    from kpi_definitions
    union all
    select
        kpi,
        denominator_measure as measure,
        'denominator' as side
    from kpi_definitions
    union all
    select
        kpi,
        squares_measure as measure,
        'squares' as side
    from kpi_definitions
),

sides_given as (
    select
        kpi,
        measure,
        side
    from sides
    where measure is not null
),

measures_used as (
    select distinct measure from sides_given
),

kpi_days as (
    select metric_days.*
    from metric_days
    inner join measures_used on metric_days.measure = measures_used.measure
),

slice_days as (
    select
        day,
        'total' as slice,
        'all' as slice_value,
        measure,
        sum(value) as value
    from kpi_days
    group by day, measure
    {%- for slice in slices %}
    union all
    select
        day,
        '{{ slice }}' as slice,
        {{ slice }} as slice_value,
        measure,
        sum(value) as value
    from kpi_days
    group by day, {{ slice }}, measure
    {%- endfor %}
),

slice_periods as (
    {%- for grain in grains %}
    select
        '{{ grain }}' as period_grain,
        cast({{ dbt.date_trunc(grain, 'day') }} as date) as period_start,
        slice,
        slice_value,
        measure,
        sum(value) as value
    from slice_days
    {{ in_changed_periods(grain, 'day') }}
    group by cast({{ dbt.date_trunc(grain, 'day') }} as date), slice, slice_value, measure
    union all
    {%- endfor %}
    select
        'all' as period_grain,
        cast(null as date) as period_start,
        slice,
        slice_value,
        measure,
        sum(value) as value
    from slice_days
    group by slice, slice_value, measure
),

periods as (
    {{ kpi_periods('slice_periods') }}

),

-- sum() over no row of a side is null: not measured, or nothing there to count.
summed as (
    select
        sides_given.kpi,
        slice_periods.period_grain,
        slice_periods.period_start,
        slice_periods.slice,
        slice_periods.slice_value,
        sum(case when sides_given.side = 'numerator' then slice_periods.value end) as numerator,
        sum(case when sides_given.side = 'denominator' then slice_periods.value end) as denominator,
        sum(case when sides_given.side = 'squares' then slice_periods.value end) as squares
    from slice_periods
    inner join sides_given on slice_periods.measure = sides_given.measure
    group by
        sides_given.kpi,
        slice_periods.period_grain,
        slice_periods.period_start,
        slice_periods.slice,
        slice_periods.slice_value
),

-- Sums are exact decimals up to here; what follows divides, in double.
measured as (
    select
        summed.kpi,
        summed.period_grain,
        summed.period_start,
        summed.slice,
        summed.slice_value,
        kpi_definitions.unit,
        kpi_definitions.direction,
        kpi_definitions.interval_method,
        kpi_definitions.maturity_days,
        kpi_definitions.denominator_measure is not null as is_ratio,
        cast(summed.numerator as double) / kpi_definitions.numerator_divisor as numerator,
        cast(summed.denominator as double) / kpi_definitions.denominator_divisor as denominator,
        cast(summed.squares as double)
        / (kpi_definitions.numerator_divisor * kpi_definitions.numerator_divisor) as squares
    from summed
    inner join kpi_definitions on summed.kpi = kpi_definitions.kpi
    where summed.numerator is not null or summed.denominator is not null
),

counted as (
    select
        measured.*,
        case when is_ratio then numerator / nullif(denominator, 0) else numerator end as value,
        case
            when interval_method = 'count' then numerator
            when interval_method = 'cost_per_count' then denominator
        end as events
    from measured
),

bounded as (
    select
        counted.*,
        coalesce(poisson_bounds.lower_95, {{ byar_lower('counted.events') }}) as events_lower,
        coalesce(poisson_bounds.upper_95, {{ byar_upper('counted.events') }}) as events_upper
    from counted
    left join poisson_bounds on counted.events = poisson_bounds.events
),

valued as (
    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        numerator,
        denominator,
        value,
        case interval_method
            when 'wilson' then {{ wilson_lower('numerator', 'denominator') }}
            when 'count' then events_lower
            when 'cost_per_count' then {{ cost_per_count_lower('numerator', 'events_upper') }}
            when 'mean' then {{ mean_bound('denominator', 'numerator', 'squares', '-') }}
        end as lower_95,
        case interval_method
            when 'wilson' then {{ wilson_upper('numerator', 'denominator') }}
            when 'count' then events_upper
            when 'cost_per_count' then {{ cost_per_count_upper('numerator', 'events_lower') }}
            when 'mean' then {{ mean_bound('denominator', 'numerator', 'squares', '+') }}
        end as upper_95,
        interval_method,
        unit,
        direction,
        maturity_days
    from bounded
),

{% if not all_anew() -%}
-- what a kept period was is what it is
known as (
    select
        {{ (key + ['period_start', 'value']) | join(',\n        ') }}
    from valued
    union all
    select
        {{ (key + ['period_start', 'value']) | join(',\n        ') }}
    from {{ as_kept('kpi_values', 'marts') }} as kept
    where not {{ of_changed_periods('kept') }}
),

{% endif -%}
compared as (
    select
        valued.*,
        coalesce(periods.period_end, run.business_date) as period_end,
        run.business_date,
        targets.target,
        previous.value as previous_value,
        year_ago.value as value_year_ago
    from valued
    cross join run
    left join periods
        on
            valued.period_grain = periods.period_grain
            and valued.period_start = periods.period_start
    left join targets
        on
            valued.kpi = targets.kpi
            and valued.period_grain = targets.period_grain
            and valued.period_start = targets.period_start
            and valued.slice = targets.slice
            and lower(valued.slice_value) = targets.slice_value
    left join {{ known }} as previous
        on
            {% for column in key %}valued.{{ column }} = previous.{{ column }}
            and {% endfor %}periods.previous_start = previous.period_start
    left join {{ known }} as year_ago
        on
            {% for column in key %}valued.{{ column }} = year_ago.{{ column }}
            and {% endfor %}periods.year_ago_start = year_ago.period_start
),

final as (
    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        numerator,
        denominator,
        value,
        lower_95,
        upper_95,
        unit,
        cast({{ dbt.dateadd('day', 'maturity_days', 'period_end') }} as date) <= business_date
            as mature,
        target,
        direction,
        case
            when value is null and lower_95 is null and upper_95 is null then 'no_data'
            when target is null then 'no_target'
            when interval_method = 'none'
                then
                    {{ against_target('value', 'value', 'target', 'direction') }}
            else {{ against_target('lower_95', 'upper_95', 'target', 'direction') }}
        end as status,
        previous_value,
        value_year_ago
    from compared
)

select * from final
order by kpi, period_grain, period_start, slice, slice_value
