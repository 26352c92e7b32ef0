{#- What a night keeps of the last build, so that its cost follows what is new: days of posts, of which
    a company has most rows. extractors/news.py says in ops.build whether it may; then the models
    int_*__changed say what must be made anew, and a model of materialization `kept` takes exactly
    those rows out (leaving) and puts what its SQL yields in their place. See docs/decisions/0040. -#}

{#- Whether this build makes every row anew. -#}
{% macro all_anew() -%}
    {%- if not execute or target.type != 'duckdb'
        or not adapter.get_relation(target.database, 'ops', 'build') -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set said = 'select anew_because is not null or finished from ops.build' -%}
    {{ return(run_query(said).columns[0].values()[0]) }}
{%- endmacro %}

{#- How a model is stored that may keep rows; Spark makes all anew. -#}
{% macro kept_table() -%}
    {{ return('kept' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{#- What the last build made of a model; its columns are the model's. -#}
{% macro as_kept(model, schema) -%}
    {{ return(api.Relation.create(
        database=target.database, schema=generate_schema_name(schema), identifier=model
    )) }}
{%- endmacro %}

{% macro post_key() -%}
    {{ return(['system', 'platform', 'post_id']) }}
{%- endmacro %}

{% macro reading_key() -%}
    {{ return(post_key() + ['as_of', 'basis']) }}
{%- endmacro %}

{#- a.x = b.x and a.y = b.y ... -#}
{% macro same(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Names a model that only a night that keeps rows reads, so that dbt makes it first. -#}
{% macro after(model) -%}
    {%- if not execute -%}{%- do ref(model) -%}{%- endif -%}
{%- endmacro %}

{#- Which rows of a model tonight's rows replace. -#}
{% macro leaving(model, kept='kept') -%}
    {%- if model == 'fct_post_days' -%}
        {{ of_changed_posts(kept, 'day') }}
    {%- elif model == 'metric_days' -%}
        {{ measures_summed_anew() }}
    {%- elif model == 'int_reconciled__post_metrics' -%}
        {{ on_changed_days('readings', kept ~ '.day') }}
    {%- else -%}
        {%- set renewed, key = {
            'int_post_metrics__unioned': ('int_post_metrics__changed', reading_key()),
            'int_post_metrics__totalled': ('int_post_metrics__changed', post_key()),
            'int_posts__unioned': ('int_posts__relisted', post_key()),
            'int_posts__resolved': ('int_posts__renewed', post_key()),
            'fct_posts': ('int_posts__renewed', post_key()),
        }[model] -%}
        exists (
            select 1
            from {{ ref(renewed) }} as renewed
            where {{ same(kept, 'renewed', key) }}
        )
    {%- endif -%}
{%- endmacro %}

{#- Of `rows` only those that tonight's rows of a model are made of; all where all is made anew. -#}
{% macro narrowed(model, rows) -%}
    {%- if not execute -%}
        {%- do leaving(model, rows) -%}
    {%- elif not all_anew() -%}
    where {{ leaving(model, rows) }}
    {%- endif -%}
{%- endmacro %}

{#- Condition: the post was changed, and the day is not before the first day that may be other.
    whole: all days of a post whose days are the growth between readings. -#}
{% macro of_changed_posts(rows, day, whole=false) -%}
    {%- set changed = ref('int_posts__changed') -%}
    {%- set first = 'case when has_readings then least(since, read_since) else since end' -%}
    {{ rows }}.{{ day }} >= {{ earliest('select min(' ~ (first if whole else 'since') ~ ') from ' ~ changed) }}
    and exists (
        select 1
        from {{ changed }} as changed
        where
            {{ same(rows, 'changed', post_key()) }}
            and ({{ rows }}.{{ day }} >= changed.since{{ ' or changed.has_readings' if whole }})
    )
{%- endmacro %}

{#- The day that a query finds as text: a plain date lets DuckDB pass over what is older without
    reading it. No day found: none is to be read. -#}
{% macro earliest(query) -%}
    date '{{ run_query(query).columns[0].values()[0] or '9999-12-31' }}'
{%- endmacro %}

{#- And not before the first reading, told or kept, of a post of which a reading was changed. -#}
{% macro since_first_reading(readings) -%}
    {%- if not all_anew() -%}
    {%- set changed = ref('int_post_metrics__changed') -%}
    {%- set kept = as_kept('int_post_metrics__totalled', 'intermediate') -%}
    and {{ readings }}.as_of >= {{ earliest(
        'select min(least(changed.as_of, coalesce(kept.read_since, changed.as_of))) from '
        ~ changed ~ ' as changed left join ' ~ kept ~ ' as kept on ' ~ same('changed', 'kept', post_key())
    ) }}
    {%- endif -%}
{%- endmacro %}

{#- Rows of a fact whose day was changed, as a condition; without a day always. -#}
{% macro on_changed_days(fact, day) -%}
    (
        {{ day }} is null
        or {{ day }} in (
            select changed.day from {{ ref('int_days__changed') }} as changed
            where changed.fact = '{{ fact }}'
        )
    )
{%- endmacro %}

{#- Days that were kept and that no source will tell again from tonight on. -#}
{% macro become_final(relation) -%}
    {%- if not all_anew() %}
    update {{ relation }} as days set is_final = true
    where
        not is_final
        and {{ dbt.datediff('days.day', '(select run.business_date from ops.run as run)', 'day') }} >= (
            select max(sources.lookback_days)
            from ops.sources as sources
            where
                days.system = sources.source
                and days.basis = sources.basis
        )
    {%- endif -%}
{%- endmacro %}

{#- Facts of which metric_days sums only the days that were changed. -#}
{% macro summed_by_changed_days() -%}
    {{ return(['fct_post_days', 'int_clicks__unified']) }}
{%- endmacro %}

{#- Which rows `kept` of metric_days are summed anew tonight. -#}
{% macro measures_summed_anew() -%}
    {%- set by_days = [] -%}
    {%- for model in measured_models() if model.node_relation.alias in summed_by_changed_days() -%}
        {%- set names = model.measures | map(attribute='name') | list %}
        {%- do by_days.extend(names) %}
    (
        kept.measure in ({{ quoted(names) }})
        and {{ on_changed_days(model.node_relation.alias, 'kept.day') }}
    )
    or
    {%- endfor %}
    kept.measure not in ({{ quoted(by_days) }})
{%- endmacro %}

{#- Rows of an entity that are new, other or gone (is_gone) since the last build. Of files, the rows
    that were loaded since are looked at; of any other system that was loaded since, all rows. -#}
{% macro changed_since_last_build(entity, key) -%}
    {%- set anew = all_anew() -%}
    {%- set news = 'select distinct source from ops.news' -%}
    {%- set news = [] if anew else run_query(news).columns[0].values() -%}
    {%- set systems = [] -%}
    {%- for system, entities in conformed_systems().items() if entity in entities -%}
    {%- set table = ref('int_' ~ system ~ '__' ~ entity) -%}
    {%- if system in news -%}{%- do systems.append(system) -%}{%- endif -%}
    {%- endfor -%}
with

said as (

    select
        {{ entity_select(entity) }}
    from ({{ newest_of_file(entity, key[1:], not anew) }}) as files
    {%- if anew %}
    where 1 = 0
    {%- endif %}
    {%- for system in systems %}

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
    select
        {{ entity_select(entity) }}
    from {{ kept }} as kept
    where
        system = 'file_drop'
        and exists (select 1 from said where {{ same('kept', 'said', key) }})
    {%- if systems %}

    union all

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
        said.{{ key | last }} is null as is_gone
    from (
        select distinct
            {{ key | join(',\n            ') }}
        from differing
    ) as keys
    left join said
        on {{ same('keys', 'said', key) }}

)

select * from final
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
