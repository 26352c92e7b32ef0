{#- UTC moment at which a day of the business begins: what a system dates by the day alone.
    Inverse of business_day. -#}
{% macro business_day_start(column) -%}
    {{ return(adapter.dispatch('business_day_start')(column)) }}
{%- endmacro %}

{% macro duckdb__business_day_start(column) -%}
    timezone(
        'UTC',
        timezone(
            (select stg_ops__run.timezone from {{ ref('stg_ops__run') }} as stg_ops__run),
            cast({{ column }} as timestamp)
        )
    )
{%- endmacro %}

{% macro spark__business_day_start(column) -%}
    to_utc_timestamp(
        cast({{ column }} as timestamp),
        (select stg_ops__run.timezone from {{ ref('stg_ops__run') }} as stg_ops__run)
    )
{%- endmacro %}
