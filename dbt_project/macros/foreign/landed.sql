{#- Rows of one stream: our raw table, or the same columns from the tables that Airbyte, dlt or
    Fivetran have loaded, where sources.yml says `loaded_by`. The setting is data (ops.foreign), read
    when a model is compiled: what dbt has parsed stays valid whoever loads a source.
    A mapping is a macro named {tool}_{source}__{stream} in macros/foreign/; a stream that the tool
    does not bring has none and is empty. `within` is a select of rows that we land inside another
    stream's, in place of a table of their own. -#}
{% macro landed(system, stream, within=none) -%}
    {%- set own -%}
        {%- if within is none -%}
            {{ source('raw', system ~ '__' ~ stream) }}
        {%- else -%}
            ({{ within }}) as {{ stream }}
        {%- endif -%}
    {%- endset -%}
    {%- set at = foreign_setting(system) -%}
    {%- if not at -%}
        {{ own }}
    {%- elif foreign_mapping(at, stream) -%}
        (
            {{ foreign_mapping(at, stream)(at) }}
        ) as {{ stream }}
    {%- else -%}
        (select * from {{ own }} where 1 = 0) as {{ stream }}
    {%- endif -%}
{%- endmacro %}

{#- The macro that maps one stream of one tool; none where the tool does not bring it. -#}
{% macro foreign_mapping(at, stream) -%}
    {{ return(context.get(at.tool ~ '_' ~ at.source ~ '__' ~ stream)) }}
{%- endmacro %}

{#- Who loads a source, and where: {source, tool, database, schema, prefix, columns, constants};
    none where we do. -#}
{% macro foreign_setting(system) -%}
    {%- for at in foreign_settings() if at.source == system -%}
        {{ return(at) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{% macro foreign_settings() -%}
    {%- if not execute or not adapter.get_relation(target.database, 'ops', 'foreign') -%}
        {{ return([]) }}
    {%- endif -%}
    {{ attach_foreign() }}
    {%- set found = [] -%}
    {%- set sql = 'select source, tool, coalesce(database, current_database()), schema, prefix, '
        ~ 'columns, constants from ops.foreign order by source' -%}
    {%- for row in run_query(sql).rows -%}
        {%- do found.append({
            'source': row[0], 'tool': row[1], 'database': row[2], 'schema': row[3],
            'prefix': row[4], 'columns': fromjson(row[5]), 'constants': fromjson(row[6])
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Open the other DuckDB files of ops.foreign, to read only. dbt runs it before the first model
    (on-run-start), because views are read through them as long as the run lasts. -#}
{% macro attach_foreign() -%}
    {%- if execute and adapter.get_relation(target.database, 'ops', 'foreign') -%}
        {%- set sql = 'select distinct database, file from ops.foreign where file is not null' -%}
        {%- for row in run_query(sql).rows -%}
            {%- do run_query(
                "attach if not exists '" ~ row[1] | replace("'", "''") ~ "' as " ~ row[0]
                ~ ' (read_only)'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
