{#- What the three tools have in common: which rows of their tables count, and as what type.

    foreign_rows(at, table, key, columns) is a select of `columns` with `_fetched_at`, the tool's own
    time of loading: one row per `key`, the newest, without rows that were deleted.
      Fivetran  _fivetran_synced; _fivetran_deleted; history mode: _fivetran_active
      Airbyte   _airbyte_extracted_at (typed tables); append mode keeps every reading of a row;
                _ab_cdc_deleted_at
      dlt       _dlt_load_id (seconds since 1970, as text): loads that _dlt_loads does not call
                complete do not count; _dlt_valid_to (scd2); child tables have no load of their own

    A column reads 'theirs type', or 'theirs.path type' for a value within JSON; 'one|other type'
    where layouts differ. Types: text, bigint, double, money, boolean, date, timestamp, milliseconds
    (a moment as epoch milliseconds).
    `columns:` of the source in sources.yml puts another name in its place. A column that the table
    does not have is NULL, one of the key is an error. `newest_by` decides before the time of
    loading; `deleted` names a flag of the connector; an `optional` table may be missing. -#}
{% macro foreign_rows(at, table, key, columns, newest_by=[], deleted=none, optional=false) -%}
    {%- set relation = foreign_relation(at, table) -%}
    {%- set there = foreign_columns(relation) -%}
    {%- if not there and not optional -%}
        {{ exceptions.raise_compiler_error(
            at.source ~ ': no table ' ~ relation ~ ' (loaded_by: ' ~ at.tool ~ '). Let '
            ~ at.tool ~ ' load it, or mend schema, file or prefix of this source in sources.yml'
        ) }}
    {%- endif -%}
    {%- for name in key if there and '(' not in name and name | lower not in there -%}
        {{ exceptions.raise_compiler_error(
            at.source ~ ': ' ~ relation ~ ' has no column ' ~ name ~ '. Its layout is not the one '
            ~ 'that macros/foreign/' ~ at.tool ~ '_' ~ at.source ~ '.sql follows'
        ) }}
    {%- endfor -%}
    {%- set synced = foreign_synced(there) -%}
    select {% for name, spec in columns.items() -%}
        {{ foreign_value(at, there, table, name, spec) }} as {{ name }}, {% endfor -%}
        {{ synced }} as _fetched_at
    {%- if there %}
    from (
        select
            *,
            row_number() over (
                partition by
                    {%- for name in key %}
                    {{ name if '(' in name else adapter.quote(name) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                order by
                    {%- if '_fivetran_active' in there %} _fivetran_active desc, {%- endif %}
                    {%- for name in newest_by if name in there %} {{ name }} desc, {%- endfor %}
                    {{ synced }} desc
            ) as newest_first
        from {{ relation }}
        where {{ foreign_complete(at, there) }}
    ) as loaded
    where
        newest_first = 1
        {%- for flag in ['_fivetran_deleted', deleted] if flag in there %}
        and not coalesce(cast({{ flag }} as boolean), false)
        {%- endfor %}
        {%- if '_fivetran_active' in there %}
        and coalesce(_fivetran_active, true)
        {%- endif %}
        {%- for moment in ['_ab_cdc_deleted_at', '_dlt_valid_to'] if moment in there %}
        and {{ moment }} is null
        {%- endfor %}
    {%- else %}
    where 1 = 0
    {%- endif %}
{%- endmacro %}

{#- Rows that a load of dlt has brought to its end; the other tools write whole syncs. -#}
{% macro foreign_complete(at, there) -%}
    {%- set loads = foreign_relation(at, '_dlt_loads', prefixed=false) -%}
    {%- if '_dlt_load_id' in there and foreign_columns(loads) -%}
        _dlt_load_id in (select load_id from {{ loads }} where status = 0)
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}

{#- When the tool loaded a row. -#}
{% macro foreign_synced(there) -%}
    {%- for name in ['_fivetran_synced', '_airbyte_extracted_at'] if name in there -%}
        {{ return('cast(' ~ name ~ ' as ' ~ foreign_type('timestamp') ~ ')') }}
    {%- endfor -%}
    {%- if '_dlt_load_id' in there -%}
        {{ return('to_timestamp(cast(_dlt_load_id as double))') }}
    {%- endif -%}
    {{ return('cast(null as ' ~ foreign_type('timestamp') ~ ')') }}
{%- endmacro %}

{#- One cell as our type, under the name that the company's settings or the mapping give it. -#}
{% macro foreign_value(at, there, table, name, spec) -%}
    {%- set type = spec.split(' ')[-1] -%}
    {%- if name in at.constants -%}
        {{ return("cast('" ~ at.constants[name] ~ "' as " ~ foreign_type(type) ~ ')') }}
    {%- endif -%}
    {%- set named = at.columns.get(table ~ '.' ~ name, at.columns.get(name, spec.split(' ')[0])) -%}
    {%- set known = [] -%}
    {%- for theirs in named.split('|') if theirs.split('.')[0] | lower in there -%}
        {%- do known.append(theirs) -%}
    {%- endfor -%}
    {%- if not known -%}
        {{ return('cast(null as ' ~ foreign_type(type) ~ ')') }}
    {%- endif -%}
    {%- set theirs = known[0] -%}
    {%- set column = theirs.split('.')[0] -%}
    {%- set kind = there[column | lower] -%}
    {%- set cell = adapter.quote(column) -%}
    {%- if '.' in theirs -%}
        {%- set kind = 'VARCHAR' -%}
        {%- set cell = foreign_json(cell, theirs.split('.')[1:]) -%}
    {%- endif -%}
    {%- if kind == 'VARCHAR' -%}
        {%- set cell = "nullif(trim(" ~ cell ~ "), '')" -%}
    {%- endif -%}
    {%- if type == 'milliseconds' -%}
        {{ return('epoch_ms(cast(' ~ cell ~ ' as ' ~ foreign_type('timestamp') ~ '))') }}
    {%- endif -%}
    {{ return('cast(' ~ cell ~ ' as ' ~ foreign_type(type) ~ ')') }}
{%- endmacro %}

{#- A value within a JSON column (or text that holds JSON). -#}
{% macro foreign_json(cell, path) -%}
    {%- set steps = [] -%}
    {%- for step in path %}{% do steps.append('."' ~ step ~ '"') %}{% endfor -%}
    {{ return("json_extract_string(" ~ cell ~ ", '$" ~ steps | join('') ~ "')") }}
{%- endmacro %}

{#- Raw types: a moment keeps its zone until staging makes it UTC. -#}
{% macro foreign_type(type) -%}
    {%- set types = {'timestamp': 'timestamptz', 'milliseconds': dbt.type_bigint()} -%}
    {{ return(types.get(type) or entity_type(type)) }}
{%- endmacro %}

{% macro foreign_relation(at, table, prefixed=true) -%}
    {{ return(api.Relation.create(
        database=at.database, schema=at.schema,
        identifier=(at.prefix if prefixed else '') ~ table
    )) }}
{%- endmacro %}

{#- {column in lower case: its type}; empty where the table does not exist. -#}
{% macro foreign_columns(relation) -%}
    {%- set found = {} -%}
    {%- set sql -%}
        select column_name, data_type
        from system.information_schema.columns
        where
            table_catalog = '{{ relation.database }}'
            and lower(table_schema) = lower('{{ relation.schema }}')
            and lower(table_name) = lower('{{ relation.identifier }}')
    {%- endset -%}
    {%- for row in run_query(sql).rows -%}
        {%- do found.update({row[0] | lower: row[1] | upper}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- The person behind a row: the system's own id of a contact with the system's name before it.
    E-mail addresses lie in clear in foreign tables and are never read; without them a person is
    joined within this system alone. -#}
{% macro foreign_person(at, column) -%}
    {{ dbt.concat(["'" ~ at.source ~ ":'", column]) }}
{%- endmacro %}
