{#- Ends the build where a model breaks what its `meta` promises: `grain`, the columns that tell its
    rows apart and are never NULL, and `never_null`, further columns that always have a value. Runs
    after each model and seed (dbt_project.yml): a test of its own would be a node of its own, which
    costs dbt more than its query takes, and would name no row. Of a model that keeps rows, tonight's
    are looked at: they take the place of all rows that could have their keys. A view over such rows
    (`kept`) is looked at where all is made anew. -#}
{% macro keeps_its_grain(relation, meta) %}
    {%- if meta.get('grain') and (not meta.get('kept') or all_anew()) -%}
        {%- set never_null = meta.get('never_null', []) -%}
        {%- set keys = [] -%}
        {%- for column in meta.grain -%}
            {%- do keys.append("coalesce(cast(key_" ~ loop.index ~ " as " ~ dbt.type_string() ~ "), 'NULL')") -%}
        {%- endfor -%}
        {%- set promise = 'One row per ' ~ meta.grain | join(', ') -%}
        {%- if never_null -%}
            {%- set promise = promise ~ ', with a value in ' ~ never_null | join(', ') -%}
        {%- endif -%}
        {%- set message -%}
            '{{ relation.identifier }}: ' || count(*) || ' keys break its promise "
            {{- promise | replace("'", "''") }}": ' || min(concat_ws(', ', {{ keys | join(', ') }}))
        {%- endset -%}
        select case when count(*) > 0 then {{ fail_with(message) }} end
        from (
            select
                {%- for column in meta.grain %}
                {{ column }} as key_{{ loop.index }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ relation if model.config.materialized != 'kept' or all_anew() else tonight() }}
            group by {{ meta.grain | join(', ') }}
            having
                count(*) > 1
                {%- for column in meta.grain %}
                or {{ column }} is null
                {%- endfor %}
                {%- for column in never_null %}
                or count({{ column }}) < count(*)
                {%- endfor %}
        ) as broken
    {%- endif -%}
{% endmacro %}
