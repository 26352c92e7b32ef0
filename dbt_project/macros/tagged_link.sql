{#- The first link of a text that names a campaign; NULL without one. -#}
{% macro tagged_link(column) -%}
    {%- set link = "'(https?://[^[:space:]<>\"()]*[?&]utm_campaign=[^[:space:]<>\"()]+)'" -%}
    nullif(regexp_extract({{ column }}, {{ link }}, 1), '')
{%- endmacro %}
