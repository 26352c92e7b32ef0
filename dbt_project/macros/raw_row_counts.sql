{#- Rows of every raw table that dbt knows, by source and stream; of a source that another tool has
    loaded (loaded_by), rows and time of loading of its own tables, both NULL for a stream that the
    tool does not bring. Raw is written before dbt runs, so the tables need no place in the order of
    models. -#}
{% macro raw_row_counts() %}
{%- set foreign = foreign_settings() -%}
{%- set foreign_names = foreign | map(attribute='source') | list -%}
{%- if execute -%}
{%- for table in graph.get('sources', {}).values() | sort(attribute='identifier')
    if table.schema == 'raw' and '__' in table.identifier %}
    {%- set parts = table.identifier.split('__') %}
    {%- if parts[0] not in foreign_names %}
    select
        '{{ parts[0] }}' as source,
        '{{ parts[1:] | join('__') }}' as stream,
        cast(null as {{ dbt.type_string() }}) as loaded_by,
        cast(null as {{ dbt.type_timestamp() }}) as synced_at,
        count(*) as row_count
    from {{ table.relation_name }}
    union all
    {%- endif %}
{%- endfor -%}
{%- for at in foreign %}
    {%- for node in graph.get('nodes', {}).values() | sort(attribute='name')
        if node.name.startswith('stg_' ~ at.source ~ '__') %}
    {%- set stream = node.name.split('__', 1)[1] %}
    {%- set mapping = foreign_mapping(at, stream) %}
    select
        '{{ at.source }}' as source,
        '{{ stream }}' as stream,
        '{{ at.tool }}' as loaded_by,
        {%- if mapping %}
        {{ utc_timestamp('max(_fetched_at)') }} as synced_at,
        count(*) as row_count
    from ({{ mapping(at) }}) as {{ stream }}
        {%- else %}
        cast(null as {{ dbt.type_timestamp() }}) as synced_at,
        cast(null as {{ dbt.type_bigint() }}) as row_count
        {%- endif %}
    union all
    {%- endfor %}
{%- endfor %}
{%- endif %}
    select
        cast(null as {{ dbt.type_string() }}) as source,
        cast(null as {{ dbt.type_string() }}) as stream,
        cast(null as {{ dbt.type_string() }}) as loaded_by,
        cast(null as {{ dbt.type_timestamp() }}) as synced_at,
        cast(null as {{ dbt.type_bigint() }}) as row_count
    where 1 = 0
{% endmacro %}
