{#- Rows of an entity that are new, other or gone (is_gone) since the last build. Of files, the rows
    that were loaded since are looked at, and all rows where some were loaded again or are gone; of
    any other system that was loaded since, all rows.
    before: columns that are also wanted as they were (before_*). -#}
{% macro changed_since_last_build(entity, key, before=[]) -%}
    {%- set anew = all_anew() -%}
    {%- set news = 'select distinct source from ops.news' -%}
    {%- set news = [] if anew else run_query(news).columns[0].values() -%}
    {%- set systems = [] -%}
    {%- if not anew and files_changed_before(entity) -%}{%- do systems.append('file_drop') -%}{%- endif -%}
    {%- for system, entities in conformed_systems().items() if entity in entities -%}
    {%- set table = ref('int_' ~ system ~ '__' ~ entity) -%}
    {%- if system in news -%}{%- do systems.append(system) -%}{%- endif -%}
    {%- endfor -%}
with

said as (

    select
        {{ entity_select(entity) }}
    from ({{ told_by_files(entity, key, not anew and 'file_drop' not in systems) }}) as files
    {%- if anew %}
    where 1 = 0
    {%- endif %}
    {%- for system in systems if system != 'file_drop' %}

    union all

    select
        {{ entity_select(entity) }}
    from {{ ref('int_' ~ system ~ '__' ~ entity) }}
    {%- endfor %}

),

kept as (

    {%- if anew %}
    select *
    from said
    {%- else %}
    {%- set kept = as_kept('int_' ~ entity ~ '__unioned', 'intermediate') %}
    {%- if 'file_drop' not in systems %}
    select
        {{ entity_select(entity) }}
    from {{ kept }} as kept
    where
        system = 'file_drop'
        and exists (select 1 from said where {{ same('kept', 'said', key) }})
    {%- endif %}
    {%- if systems %}

    {{ 'union all' if 'file_drop' not in systems }}

    select
        {{ entity_select(entity) }}
    from {{ kept }}
    where system in ({{ quoted(systems) }})
    {%- endif %}
    {%- endif %}

),

differing as (

    (
        select *
        from said

        except

        select *
        from kept
    )

    union all

    (
        select *
        from kept

        except

        select *
        from said
    )

),

final as (

    select
        keys.*,
        {%- for column in entity_columns(entity) | map(attribute='name') if column not in key %}
        said.{{ column }},
        {%- endfor %}
        {%- for column in before %}
        kept.{{ column }} as before_{{ column }},
        {%- endfor %}
        said.{{ key | last }} is null as is_gone
    from (
        select distinct
            {{ key | join(',\n            ') }}
        from differing
    ) as keys
    left join said
        on {{ same('keys', 'said', key) }}
    {%- if before %}
    left join kept
        on {{ same('keys', 'kept', key) }}
    {%- endif %}

)

select * from final
{%- endmacro %}

{#- Whether files of an entity were loaded again, or after newer ones, or are gone. -#}
{% macro files_changed_before(entity) -%}
    {%- set old -%}
        select count(*) from ops.news
        where source = 'file_drop' and stream = '{{ entity }}' and is_old
    {%- endset -%}
    {{ return(run_query(old).columns[0].values()[0] > 0) }}
{%- endmacro %}

{#- Rows of an entity as files tell them; new_only: of what was loaded since the last build. -#}
{% macro told_by_files(entity, key, new_only) -%}
    {%- if entity in spelled_entities() -%}
        {{ newest_of_file(entity, key[1:], new_only) }}
    {%- else -%}
    select
        {{ entity_select(entity) }}
    from {{ ref('stg_file_drop__' ~ entity) }}
    {%- if new_only %}
    where _attempt in (select news.attempt from ops.news as news where news.source = 'file_drop')
    {%- endif %}
    {%- endif -%}
{%- endmacro %}

{#- The union of an entity from all systems; on a night that keeps rows, of those that `changed` names. -#}
{% macro union_of_kept(entity, changed) -%}
    {{- after(changed) -}}
    {%- if all_anew() -%}
        {{ union_entity(entity) }}
    {%- else -%}
    select
        {{ entity_select(entity) }}
    from {{ ref(changed) }}
    where not is_gone
    {%- endif %}
{%- endmacro %}
