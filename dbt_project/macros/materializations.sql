{#- A view or a table in one statement, which is its own transaction (`disable_transactions` in
    profiles.yml). dbt's own way (build beside, rename twice,
    drop) keeps the old table readable meanwhile; nobody reads the warehouse during a build, and it
    costs a tenth of a second more for each of some hundred and thirty models. -#}
{% materialization view, adapter='duckdb' %}
    {{ return(made_at_once('view', sql, pre_hooks, post_hooks)) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb' %}
    {{ return(made_at_once('table', sql, pre_hooks, post_hooks)) }}
{% endmaterialization %}

{#- As a table; but where the build keeps rows (macros/kept.sql), what its SQL yields takes the place
    of the rows that leave. Both are seen at once, or neither. -#}
{% materialization kept, adapter='duckdb' %}
    {%- if all_anew() -%}
        {{ return(made_at_once('table', sql, pre_hooks, post_hooks)) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        create or replace temporary table {{ tonight() }} as (
            {{ sql }}
        );
        begin;
        delete from {{ target }} as kept where {{ leaving(model.name) }};
        insert into {{ target }} by name select * from {{ tonight() }};
        commit
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do return({'relations': [target]}) %}
{% endmaterialization %}

{% macro tonight() %}tonight_{{ model.name }}{% endmacro %}

{% macro made_at_once(type, sql, pre_hooks, post_hooks) %}
    {%- set target = this.incorporate(type=type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        create or replace {{ type }} {{ target }} as (
            {{ sql }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do return({'relations': [target]}) %}
{% endmacro %}
