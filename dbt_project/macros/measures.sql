{#- What a post is measured by. Reach counts people: it is never summed over days or posts. -#}
{% macro post_measures() -%}
    {{ return([
        'impressions', 'reach', 'likes', 'comments', 'shares', 'saves', 'clicks', 'video_views'
    ]) }}
{%- endmacro %}

{#- Columns that no measure may sum over days: people would count twice. tests/test_metric_definitions.py
    holds the list to the seed metric_definitions, which dbt cannot read while it writes SQL. -#}
{% macro not_additive() -%}
    {{ return(['followers', 'reach']) }}
{%- endmacro %}
