{#- How many of a month's cohort reached each stage. `cohort` is a CTE of one row per starter with
    month, platform, campaign, channel_kind and one column per stage: 1 reached, 0 not, NULL not
    known. `stages` pairs each stage with the KPI whose maturity says when its count is final. -#}
{% macro funnel(cohort, stages) -%}
{%- set names = stages | map('first') | list -%}
{%- set slice = ['month', 'platform', 'campaign', 'channel_kind'] -%}
grouped as (

    select
        {{ slice | join(',\n        ') }},
        {%- for name in names %}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ cohort }}
    group by
        {{ slice | join(',\n        ') }}

),

staged as (

    {%- for name, kpi in stages %}
    select
        {{ slice | join(',\n        ') }},
        '{{ name }}' as stage,
        {{ loop.index }} as stage_number,
        '{{ kpi or 'none' }}' as maturity_kpi,
        cast({{ name }} as double) as reached,
        {%- if loop.first %}
        cast(null as double) as previous,
        {%- else %}
        cast(coalesce({{ names[:loop.index0] | reverse | join(', ') }}) as double) as previous,
        {%- endif %}
        cast({{ names[0] }} as double) as starters
    from grouped
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        {%- for column in slice %}
        staged.{{ column }},
        {%- endfor %}
        staged.stage,
        cast(staged.stage_number as {{ dbt.type_bigint() }}) as stage_number,
        cast(staged.reached as {{ dbt.type_bigint() }}) as reached,
        staged.reached / nullif(staged.previous, 0) as share_of_previous,
        {{ wilson_lower('staged.reached', 'staged.previous') }} as share_of_previous_lower_95,
        {{ wilson_upper('staged.reached', 'staged.previous') }} as share_of_previous_upper_95,
        staged.reached / nullif(staged.starters, 0) as share_of_first,
        {{ wilson_lower('staged.reached', 'staged.starters') }} as share_of_first_lower_95,
        {{ wilson_upper('staged.reached', 'staged.starters') }} as share_of_first_upper_95,
        {{ month_is_mature('staged.month', 'coalesce(kpi_definitions.maturity_days, 0)') }}
            as mature
    from staged
    cross join {{ ref('stg_ops__run') }} as run
    left join {{ ref('kpi_definitions') }} as kpi_definitions
        on staged.maturity_kpi = kpi_definitions.kpi

)
{%- endmacro %}

{#- Whether `maturity_days` have passed since the end of the month; needs `run.business_date`. -#}
{% macro month_is_mature(month, maturity_days) -%}
cast({{ dbt.dateadd('day', maturity_days ~ ' - 1', dbt.dateadd('month', 1, month)) }} as date)
        <= run.business_date
{%- endmacro %}

{#- Sum of one measure of metric_days in a grouped select; NULL where it has no row. -#}
{% macro sum_of(measure) -%}
sum(case when measure = '{{ measure }}' then value end)
{%- endmacro %}
