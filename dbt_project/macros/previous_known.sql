{#- The last value before this row that is not NULL. -#}
{% macro previous_known(column, partition_by, order_by) -%}
    {{ return(adapter.dispatch('previous_known')(column, partition_by, order_by)) }}
{%- endmacro %}

{% macro duckdb__previous_known(column, partition_by, order_by) -%}
    lag({{ column }} ignore nulls) over (
        partition by {{ partition_by | join(', ') }}
        order by {{ order_by }}
    )
{%- endmacro %}
