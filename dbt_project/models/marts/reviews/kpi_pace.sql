{#- Working days that must be over before a projection is judged; for money, days that brought some:
    with fewer the interval holds the month's end in as few as 0.67 of months, with five in 0.90. -#}
{%- set fewest_days = 5 -%}
{%- set month = ['working_days', 'working_days_elapsed'] -%}

with int_pace__counted as (
    select * from {{ ref('int_pace__counted') }}
),

kpi_definitions as (
    select
        kpi,
        unit,
        direction,
        interval_method
    from {{ ref('kpi_definitions') }}
),

kpi_scorecard as (
    select
        kpi,
        owner,
        contact
    from {{ ref('kpi_scorecard') }}
),

projected as (
    select
        int_pace__counted.*,
        kpi_definitions.unit,
        kpi_definitions.direction,
        kpi_definitions.interval_method,
        {{ expected_so_far('target', *month) }} as expected,
        {{ projected('actual', *month) }} as at_this_pace,
        {%- for bound, sign in [('lower', '-'), ('upper', '+')] %}
        case
            when kpi_definitions.interval_method = 'count'
                then {{ count_projection('actual', *month, sign=sign) }}
            else {{ sum_projection('actual', 'actual_squares', *month, sign=sign) }}
        end as at_this_pace_{{ bound }},
        {%- endfor %}
        {{ needed_per_day('target', 'actual_to_date', 'working_days_left') }}
            as needed_per_working_day
    from int_pace__counted
    inner join kpi_definitions on int_pace__counted.kpi = kpi_definitions.kpi
),

-- The month cannot end below what it has brought already.
floored as (
    select
        {%- for part in ['', '_lower', '_upper'] %}
        case
            when projected.at_this_pace{{ part }} < projected.actual_to_date
                then projected.actual_to_date
            else projected.at_this_pace{{ part }}
        end as projection{{ part }},
        {%- endfor %}
        projected.*
    from projected
),

final as (
    select
        floored.kpi,
        floored.slice,
        floored.slice_value,
        floored.month_start,
        floored.target,
        floored.unit,
        floored.direction,
        cast(floored.working_days as {{ dbt.type_int() }}) as working_days,
        cast(floored.working_days_elapsed as {{ dbt.type_int() }}) as working_days_elapsed,
        cast(floored.working_days_left as {{ dbt.type_int() }}) as working_days_left,
        floored.counted_to,
        floored.actual,
        floored.actual_to_date,
        floored.expected,
        floored.actual / nullif(floored.expected, 0) as pace,
        floored.projection,
        floored.projection_lower as projection_lower_95,
        floored.projection_upper as projection_upper_95,
        floored.needed_per_working_day,
        case
            when floored.actual_to_date is null then 'no_data'
            when floored.working_days_elapsed < {{ fewest_days }} then 'too early'
            when
                floored.interval_method <> 'count'
                and floored.working_days_with_any < {{ fewest_days }}
                then 'too early'
            else
                {{ against_target(
                    'floored.projection_lower', 'floored.projection_upper',
                    'floored.target', 'floored.direction'
                ) }}
        end as status,
        floored.actual_year_ago,
        floored.actual / nullif(floored.actual_year_ago, 0) as year_ago_ratio,
        {%- for bound in ['lower', 'upper'] %}
        case
            when floored.interval_method = 'count'
                then {{ count_ratio_lower('floored.actual_year_ago', 'floored.actual')
                    if bound == 'lower'
                    else count_ratio_upper('floored.actual_year_ago', 'floored.actual') }}
        end as year_ago_ratio_{{ bound }}_95,
        {%- endfor %}
        kpi_scorecard.owner,
        kpi_scorecard.contact
    from floored
    left join kpi_scorecard on floored.kpi = kpi_scorecard.kpi
)

select * from final
order by kpi, slice, slice_value
