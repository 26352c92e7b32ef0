{#- Epoch milliseconds as a UTC timestamp. -#}
{% macro utc_from_milliseconds(column) -%}
    {{ return(adapter.dispatch('utc_from_milliseconds')(column)) }}
{%- endmacro %}

{% macro duckdb__utc_from_milliseconds(column) -%}
    epoch_ms(cast({{ column }} as bigint))
{%- endmacro %}

{% macro spark__utc_from_milliseconds(column) -%}
    timestamp_millis({{ column }})
{%- endmacro %}
