{#- Of a day only the newest report counts: what an older one has and the newest has not was given
    another origin since, and would count twice. -#}
{% macro is_newest_report() -%}
    read_at = max(read_at) over (partition by metric_date)
{%- endmacro %}
