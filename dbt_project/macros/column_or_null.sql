{#- A column that a table of an earlier version may lack: then null. -#}
{% macro column_or_null(relation, column, type) -%}
    {%- set there = [] -%}
    {%- if execute -%}
        {%- for one in adapter.get_columns_in_relation(relation) if one.name == column -%}
            {%- do there.append(one.name) -%}
        {%- endfor -%}
    {%- endif -%}
    cast({{ column if there else 'null' }} as {{ type }}) as {{ column }}
{%- endmacro %}
