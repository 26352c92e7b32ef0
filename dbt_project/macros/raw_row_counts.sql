{#- Rows of every raw table that dbt knows, by source and stream. Raw is written before dbt runs, so
    the tables need no place in the order of models. -#}
{% macro raw_row_counts() %}
{%- set tables = [] -%}
{%- if execute -%}
    {%- for table in graph.get('sources', {}).values() if table.schema == 'raw' and '__' in table.identifier -%}
        {%- do tables.append(table) -%}
    {%- endfor -%}
{%- endif -%}
{%- for table in tables | sort(attribute='identifier') %}
    {%- set parts = table.identifier.split('__') %}
    select
        '{{ parts[0] }}' as source,
        '{{ parts[1:] | join('__') }}' as stream,
        count(*) as row_count
    from {{ table.relation_name }}
    {{ 'union all' if not loop.last }}
{%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as source,
        cast(null as {{ dbt.type_string() }}) as stream,
        cast(null as {{ dbt.type_bigint() }}) as row_count
{%- endfor -%}
{% endmacro %}
