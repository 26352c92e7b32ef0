{#- What Spark spells otherwise than DuckDB and dbt's own macros do not cover. Its session runs in UTC
    (profiles.yml), so that its timestamps are the UTC timestamps without a zone of DuckDB. -#}
{% macro spark__business_day(column) -%}
    cast(
        from_utc_timestamp(
            {{ column }},
            (select stg_ops__run.timezone from {{ ref('stg_ops__run') }} as stg_ops__run)
        ) as date
    )
{%- endmacro %}

{% macro spark__utc_timestamp(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}

{#- What is no valid encoding stays as it is, as in DuckDB. -#}
{% macro spark__url_parameter(column, parameter) -%}
    {%- set found -%}
        replace(regexp_extract({{ column }}, '[?&#](?i:{{ parameter }})=([^&#]*)', 1), '+', ' ')
    {%- endset -%}
    nullif(trim(coalesce(try_url_decode({{ found }}), {{ found }})), '')
{%- endmacro %}

{% macro spark__previous_known(column, partition_by, order_by) -%}
    lag({{ column }}) ignore nulls over (
        partition by {{ partition_by | join(', ') }}
        order by {{ order_by }}
    )
{%- endmacro %}

{#- dbt's own for Spark do without the order, and without a number that is an expression. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }})
    {%- if order_by_clause %} within group ({{ order_by_clause }}){% endif %}
{%- endmacro %}

{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}
