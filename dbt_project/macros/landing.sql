{#- Raw on Spark, read from landing itself: `dbt run-operation raw_from_landing --args '{handed:
    FOLDER}'`, where FOLDER is what `beyond-likes hand-over` has written. Which attempts count comes from
    there (ops.landed_parts); here are the loader's other rules (core/staging.py, core/merging.py):
    cells are text until they are cast, a row without a required value is refused, and of two rows
    with one key the newest stays. -#}
{% macro raw_from_landing(handed) %}
    {%- set found = run_query('select value from text.`' ~ handed ~ '/handed.json`') -%}
    {%- set told = fromjson(found.columns[0].values()[0]) -%}
    {%- do run_query('create schema if not exists raw') -%}
    {%- do run_query('create schema if not exists ops') -%}
    {%- for table in told.tables -%}
        {%- set file = handed ~ '/ops/' ~ table ~ '.parquet' -%}
        {%- do spark__made('ops.' ~ table, 'using parquet as select * from parquet.`' ~ file ~ '`') -%}
    {%- endfor -%}
    {%- for stream in told.streams -%}
        {%- do spark__made('raw.' ~ stream.table, spark__raw_table(stream)) -%}
    {%- endfor -%}
    {%- do spark__made('raw.rejected_rows', 'using parquet as ' ~ spark__refused_rows(told.streams)) -%}
{% endmacro %}

{% macro spark__made(table, definition) %}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' ' ~ definition) -%}
{% endmacro %}

{% macro spark__raw_table(stream) -%}
    {%- set types = {'VARCHAR': 'string', 'TIMESTAMPTZ': 'timestamp'} -%}
    {%- set own = ['_fetched_at', '_batch', '_line', '_attempt'] -%}
    {%- if not stream.landed %}
    (
        {%- for name, kind in stream.columns.items() %}
        `{{ name }}` {{ types.get(kind, kind) }},
        {%- endfor %}
        _fetched_at timestamp, _batch string, _line bigint, _attempt string
    ) using parquet
    {%- else %}
    using parquet as
    select `{{ (stream.columns | list + own) | join('`, `') }}`
    from (
        select
            *,
            row_number() over (
                partition by `{{ stream.key | join('`, `') }}`
                order by {{ own | join(' desc, ') }} desc
            ) as _newest
        from ({{ spark__landed_rows(stream, 'is_counted') }}) as typed
        where
            1 = 1
            {%- for name in stream.required %}
            and `{{ name }}` is not null
            {%- endfor %}
    ) as numbered
    where _newest = 1
    {%- endif %}
{%- endmacro %}

{#- A file gives up single rows; an attempt of an API with such a row is not loaded at all. -#}
{% macro spark__refused_rows(streams) -%}
    {%- for stream in streams if stream.is_file and stream.has_refused %}
    select
        '{{ stream.source }}' as source,
        '{{ stream.stream }}' as stream,
        _attempt as attempt,
        _batch as file,
        _line as line,
        case
            {%- for name in stream.required %}
            when `{{ name }}` is null then '{{ name }}'
            {%- endfor %}
        end as column_name,
        case
            {%- for name in stream.required %}
            when `{{ name }}` is null then coalesce(left(_cells.`{{ name }}`, 200), 'is empty')
            {%- endfor %}
        end as reason
    from ({{ spark__landed_rows(stream, 'is_refused') }}) as typed
    where
        1 = 0
        {%- for name in stream.required %}
        or `{{ name }}` is null
        {%- endfor %}
    union all
    {%- endfor %}
    select
        cast(null as string) as source,
        cast(null as string) as stream,
        cast(null as string) as attempt,
        cast(null as string) as file,
        cast(null as bigint) as line,
        cast(null as string) as column_name,
        cast(null as string) as reason
    where 1 = 0
{%- endmacro %}

{#- Each row of the parts that `used`, a flag of ops.landed_parts, names. -#}
{% macro spark__landed_rows(stream, used) -%}
    {%- set texts = stream.columns | list + ['_line', '_fetched_at'] -%}
    select
        {%- for name, kind in stream.columns.items() %}
        {{ spark__cell('_cells.`' ~ name ~ '`', kind) }} as `{{ name }}`,
        {%- endfor %}
        cast(coalesce(parts.modified_at, _cells._fetched_at) as timestamp) as _fetched_at,
        parts.batch as _batch,
        cast(_cells._line as bigint) as _line,
        parts.attempt as _attempt,
        _cells
    from (
        select
            from_json(value, '`{{ texts | join('` string, `') }}` string') as _cells,
            substring_index(_metadata.file_path, '/', -2) as path
        from text.`{{ stream.landed }}`
    ) as lines
    inner join ops.landed_parts as parts
        on
            lines.path = parts.path
            and parts.source = '{{ stream.source }}'
            and parts.stream = '{{ stream.stream }}'
            and parts.{{ used }}
{%- endmacro %}

{#- What DuckDB's try_cast makes of a text; 24:00 alone is read there and null here. Left to itself,
    Spark takes more for a date, time or number (2026, 10:00, 1d) and no whole number with a point. -#}
{% macro spark__cell(text, kind) -%}
    {%- if kind == 'VARCHAR' -%}
        {{ text }}
    {%- elif kind == 'BOOLEAN' -%}
        case when {{ text }} not rlike '\\s' then try_cast({{ text }} as boolean) end
    {%- elif kind == 'DATE' -%}
        case
            when {{ spark__cell(text, 'TIMESTAMPTZ') }} is not null
                then try_cast({{ text }} as date)
        end
    {%- elif kind == 'TIMESTAMPTZ' -%}
        case
            when
                {{ text }} rlike concat(
                    '^\\s*\\d{4,5}-\\d{1,2}-\\d{1,2}([ T]\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d+)?)?',
                    '(Z| UTC|[+-]\\d{2}(:?\\d{2})?)?)?\\s*$'
                )
                then try_cast(
                    regexp_replace({{ text }}, '([ T]\\d+:\\d+)(?=[^:\\d]|$)', '$1:00') as timestamp
                )
        end
    {%- elif kind == 'DOUBLE' -%}
        case
            when {{ text }} rlike '(?i)^\\s*[+-]?([0-9.e+-]+|nan|inf|infinity)\\s*$'
                then try_cast({{ text }} as double)
        end
    {%- elif kind == 'BIGINT' -%}
        try_cast(round({{ spark__cell(text, 'DECIMAL(38,18)') }}) as bigint)
    {%- else -%}
        case when {{ text }} rlike '^[\\s0-9.eE+-]+$' then try_cast({{ text }} as {{ kind }}) end
    {%- endif -%}
{%- endmacro %}
