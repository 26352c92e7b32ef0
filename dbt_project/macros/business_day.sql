{#- Calendar day of a UTC timestamp in the time zone of the business (ops.run holds the run's
    settings: dbt gets no --vars). NULL stays NULL. -#}
{% macro business_day(column) -%}
    {{ return(adapter.dispatch('business_day')(column)) }}
{%- endmacro %}

{% macro duckdb__business_day(column) -%}
    cast(
        timezone(
            (select stg_ops__run.timezone from {{ ref('stg_ops__run') }} as stg_ops__run),
            timezone('UTC', {{ column }})
        ) as date
    )
{%- endmacro %}
