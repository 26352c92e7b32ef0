{{ config(materialized='table') }}
{%- set anew = all_anew() -%}
{%- set news = 'select distinct source from ops.news' -%}
{%- set news = [] if anew else run_query(news).columns[0].values() -%}
{%- set files = newest_of_file('post_metrics', reading_key()[1:], not anew) -%}
{%- set systems = [] -%}
{%- for system, entities in conformed_systems().items() if 'post_metrics' in entities -%}
{%- set table = ref('int_' ~ system ~ '__post_metrics') -%}
{%- if system in news -%}{%- do systems.append(system) -%}{%- endif -%}
{%- endfor -%}
-- Of files, the rows that were loaded since the last build are looked at; of any other system that
-- was loaded since, all rows.
with

said as (

    select
        {{ entity_select('post_metrics') }}
    from ({{ files }}) as files
    {%- if anew %}
    where 1 = 0
    {%- endif %}
    {%- for system in systems %}

    union all

    select
        {{ entity_select('post_metrics') }}
    from {{ ref('int_' ~ system ~ '__post_metrics') }}
    {%- endfor %}

),

kept as (

    {%- if anew %}
    select *
    from said
    {%- else %}
    select
        {{ entity_select('post_metrics') }}
    from {{ as_kept('int_post_metrics__unioned', 'intermediate') }} as kept
    where
        system in ({{ quoted(systems + ['none']) }})
        or exists (select 1 from said where {{ same('kept', 'said', reading_key()) }})
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
        {%- for measure in post_measures() %}
        said.{{ measure }},
        {%- endfor %}
        said.post_id is null as is_gone
    from (
        select distinct
            {{ reading_key() | join(',\n            ') }}
        from differing
    ) as keys
    left join said
        on {{ same('keys', 'said', reading_key()) }}

)

select * from final
