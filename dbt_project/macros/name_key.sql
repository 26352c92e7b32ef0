{#- How names are compared everywhere: trimmed, lower case, an empty one unknown. -#}
{% macro name_key(column) -%}
    nullif(lower(trim({{ column }})), '')
{%- endmacro %}

{#- Text as it was written, an empty or blank one unknown. -#}
{% macro text_or_null(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}
