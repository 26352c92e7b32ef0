{{ config(materialized='table') }}
{{- after('int_days__changed') -}}
{{- after('kpi_definitions') -}}
{{- after('stg_ops__run') -}}
{%- if all_anew() -%}
select
    cast(null as {{ dbt.type_string() }}) as period_grain,
    cast(null as date) as period_start
where 1 = 0
{%- else -%}
-- A period is made anew where a day of it is summed anew or has become mature, or one of the two
-- that it is compared with is.
with

days as (

    select distinct day
    from {{ ref('int_days__changed') }}
    where fact <> 'readings'

),

summed as (

    {%- for grain in kpi_grains() %}
    select distinct
        '{{ grain }}' as period_grain,
        cast({{ dbt.date_trunc(grain, 'day') }} as date) as period_start
    from days
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

known as (

    select
        kpi,
        period_grain,
        period_start,
        mature
    from {{ as_kept('kpi_values', 'marts') }}
    where period_grain <> 'all'

),

periods as (

    {{ kpi_periods('known') }}

),

waiting as (

    select distinct
        kpi,
        period_grain,
        period_start
    from known
    where not mature

),

final as (

    select
        period_grain,
        period_start
    from summed

    union distinct

    select
        periods.period_grain,
        periods.period_start
    from periods
    inner join summed
        on
            periods.period_grain = summed.period_grain
            and summed.period_start in (periods.previous_start, periods.year_ago_start)

    union distinct

    select
        waiting.period_grain,
        waiting.period_start
    from waiting
    inner join periods
        on
            waiting.period_grain = periods.period_grain
            and waiting.period_start = periods.period_start
    inner join {{ ref('kpi_definitions') }} as definitions
        on waiting.kpi = definitions.kpi
    where
        {{ dbt.dateadd('day', 'definitions.maturity_days', 'periods.period_end') }}
        <= (select run.business_date from {{ ref('stg_ops__run') }} as run)

)

select * from final
{%- endif %}
