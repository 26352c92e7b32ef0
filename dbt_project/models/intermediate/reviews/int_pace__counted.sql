-- What the running month has brought so far, for each KPI with a monthly target and its slice.
with kpi_definitions as (
    select
        kpi,
        maturity_days,
        numerator_measure,
        numerator_divisor
    from {{ ref('kpi_definitions') }}
    where denominator_measure is null
),

targets as (
    select
        kpi,
        period_start,
        slice,
        slice_value,
        target
    from {{ ref('int_kpis__targets_spread') }}
    where period_grain = 'month'
),

dim_dates as (
    select
        date_day,
        month_start,
        is_working_day
    from {{ ref('dim_dates') }}
),

metric_days as (
    select * from {{ ref('metric_days') }}
),

run as (
    select business_date from {{ ref('stg_ops__run') }}
),

-- What is younger than the KPI's maturity is still growing and would look like a slow month.
asked as (
    select
        targets.kpi,
        targets.slice,
        targets.slice_value,
        targets.period_start as month_start,
        targets.target,
        kpi_definitions.numerator_measure as measure,
        kpi_definitions.numerator_divisor,
        run.business_date,
        cast({{ dbt.dateadd('day', '-maturity_days', 'run.business_date') }} as date) as counted_to
    from targets
    inner join kpi_definitions on targets.kpi = kpi_definitions.kpi
    cross join run
    where
        targets.period_start = cast({{ dbt.date_trunc('month', 'run.business_date') }} as date)
),

-- A weekend's figures belong to the working day before it, those of the month's start to its first.
month_days as (
    select
        dim_dates.date_day,
        cast({{ dbt.dateadd('day', -364, 'dim_dates.date_day') }} as date) as year_ago_day,
        case
            when
                sum(case when dim_dates.is_working_day then 1 else 0 end) over (
                    order by dim_dates.date_day
                    rows between unbounded preceding and current row
                ) = 0
                then 1
            else sum(case when dim_dates.is_working_day then 1 else 0 end) over (
                order by dim_dates.date_day
                rows between unbounded preceding and current row
            )
        end as working_day,
        sum(case when dim_dates.is_working_day then 1 else 0 end) over () as working_days,
        dim_dates.is_working_day
    from dim_dates
    inner join run
        on
            dim_dates.month_start
            = cast({{ dbt.date_trunc('month', 'run.business_date') }} as date)
),

measures_asked as (
    select distinct measure from asked
),

days as (
    select
        metric_days.day,
        metric_days.measure,
        {%- for slice in kpi_dimensions() %}
        lower(metric_days.{{ slice }}) as {{ slice }},
        {%- endfor %}
        metric_days.value
    from metric_days
    inner join measures_asked on metric_days.measure = measures_asked.measure
),

first_days as (
    select
        measure,
        min(day) as first_day
    from days
    group by measure
),

reported as (
    select
        days.measure,
        count(*) as row_count
    from days
    inner join month_days on days.day = month_days.date_day
    cross join run
    where days.day <= run.business_date
    group by days.measure
),

counted as (
    select
        asked.kpi,
        asked.slice,
        asked.slice_value,
        month_days.working_day,
        sum(case when days.day = month_days.date_day then days.value end) as to_date,
        sum(
            case
                when days.day = month_days.date_day and days.day <= asked.counted_to then days.value
            end
        ) as mature,
        sum(
            case
                when
                    days.day = month_days.year_ago_day and month_days.date_day <= asked.counted_to
                    then days.value
            end
        ) as year_ago
    from asked
    inner join month_days on asked.business_date >= month_days.date_day
    inner join days
        on
            asked.measure = days.measure
            and (days.day = month_days.date_day or days.day = month_days.year_ago_day)
            and asked.slice_value = case asked.slice
                {%- for slice in kpi_dimensions() %}
                when '{{ slice }}' then days.{{ slice }}
                {%- endfor %}
                else 'all'
            end
    group by asked.kpi, asked.slice, asked.slice_value, month_days.working_day
),

summed as (
    select
        kpi,
        slice,
        slice_value,
        cast(sum(to_date) as double) as to_date,
        cast(sum(mature) as double) as mature,
        sum(cast(mature as double) * cast(mature as double)) as mature_squares,
        sum(case when mature <> 0 then 1 else 0 end) as days_with_any,
        cast(sum(year_ago) as double) as year_ago
    from counted
    group by kpi, slice, slice_value
),

elapsed as (
    select
        asked.kpi,
        asked.slice,
        asked.slice_value,
        max(month_days.working_days) as working_days,
        sum(
            case
                when month_days.is_working_day and month_days.date_day <= asked.counted_to
                    then 1
                else 0
            end
        ) as working_days_elapsed,
        sum(
            case
                when month_days.is_working_day and month_days.date_day > asked.business_date then 1
                else 0
            end
        ) as working_days_left
    from asked
    cross join month_days
    group by asked.kpi, asked.slice, asked.slice_value
),

-- Where the measure is reported in the month at all, a slice without a row has brought nothing yet.
final as (
    select
        asked.kpi,
        asked.slice,
        asked.slice_value,
        asked.month_start,
        asked.target,
        case when asked.counted_to >= asked.month_start then asked.counted_to end as counted_to,
        cast(elapsed.working_days as double) as working_days,
        cast(elapsed.working_days_elapsed as double) as working_days_elapsed,
        cast(elapsed.working_days_left as double) as working_days_left,
        case when reported.measure is not null then coalesce(summed.to_date, 0e0) end
        / asked.numerator_divisor as actual_to_date,
        case
            when reported.measure is not null and asked.counted_to >= asked.month_start
                then coalesce(summed.mature, 0e0)
        end / asked.numerator_divisor as actual,
        coalesce(summed.days_with_any, 0) as working_days_with_any,
        coalesce(summed.mature_squares, 0e0)
        / (asked.numerator_divisor * asked.numerator_divisor) as actual_squares,
        case
            when
                asked.counted_to >= asked.month_start
                and first_days.first_day
                <= cast({{ dbt.dateadd('day', -364, 'asked.month_start') }} as date)
                then coalesce(summed.year_ago, 0e0)
        end / asked.numerator_divisor as actual_year_ago
    from asked
    inner join elapsed
        on
            asked.kpi = elapsed.kpi
            and asked.slice = elapsed.slice
            and asked.slice_value = elapsed.slice_value
    left join summed
        on
            asked.kpi = summed.kpi
            and asked.slice = summed.slice
            and asked.slice_value = summed.slice_value
    left join reported on asked.measure = reported.measure
    left join first_days on asked.measure = first_days.measure
)

select * from final
