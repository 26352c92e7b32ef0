{#- Staging of one file-drop entity: casts, UTC times and the system's name; no rule, no filter.
    The underscored columns order two rows of one key: newest file, then its name, then the line. -#}
{% macro stage_file(entity) -%}
select
    {%- for column in entity_columns(entity) %}
    {%- if column.name == 'system' %}
    'file_drop' as system,
    {%- elif column.name in ['handed_platform', 'handed_campaign'] %}
    cast(null as {{ entity_type(column.type) }}) as {{ column.name }},
    {%- elif column.type == 'timestamp' %}
    {{ utc_timestamp(column.name) }} as {{ column.name }},
    {%- else %}
    cast({{ column.name }} as {{ entity_type(column.type) }}) as {{ column.name }},
    {%- endif %}
    {%- endfor %}
    {{ utc_timestamp('_fetched_at') }} as _fetched_at,
    cast(_attempt as {{ dbt.type_string() }}) as _attempt,
    cast(_batch as {{ dbt.type_string() }}) as _batch,
    cast(_line as {{ dbt.type_bigint() }}) as _line
from {{ source('raw', 'file_drop__' ~ entity) }}
{%- endmacro %}

{#- An entity whose key holds a platform: the platform's key instead of the name that the file
    uses, and the newest row where two spellings of one platform name the same thing. new_only: of
    what was loaded since the last build, which is newer than all else (extractors/news.py). -#}
{% macro newest_of_file(entity, key, new_only=false) -%}
with

stg_file_drop__{{ entity }} as (

    select
        {{ entity_select(entity) }},
        _fetched_at,
        _batch,
        _line
    from {{ ref('stg_file_drop__' ~ entity) }}
    {%- if new_only %}
    where _attempt in (select news.attempt from ops.news as news where news.source = 'file_drop')
    {%- endif %}

),

int_names__resolved as (

    select
        system,
        name_key,
        platform
    from {{ ref('int_names__resolved') }}

),

platform_named as (

    select
        {%- for column in entity_columns(entity) %}
        {%- if column.name == 'platform' %}
        int_names__resolved.platform,
        {%- else %}
        files.{{ column.name }},
        {%- endif %}
        {%- endfor %}
        files._fetched_at,
        files._batch,
        files._line
    from stg_file_drop__{{ entity }} as files
    inner join int_names__resolved
        on
            files.system = int_names__resolved.system
            and {{ name_key('files.platform') }} = int_names__resolved.name_key

),

numbered as (

    select
        {{ entity_select(entity) }},
        row_number() over (
            partition by {{ key | join(', ') }}
            order by _fetched_at desc, _batch desc, _line desc
        ) as newest_first
    from platform_named

),

final as (

    select
        {{ entity_select(entity) }}
    from numbered
    where newest_first = 1

)

select * from final
{%- endmacro %}
