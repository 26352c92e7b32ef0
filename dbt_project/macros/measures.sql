{#- What a post is measured by. Reach counts people: it is never summed over days or posts. -#}
{% macro post_measures() -%}
    {{ return([
        'impressions', 'reach', 'likes', 'comments', 'shares', 'saves', 'clicks', 'video_views',
        'views', 'engaged_views'
    ]) }}
{%- endmacro %}

{#- Columns that no measure may sum over days: people would count twice. tests/test_metric_definitions.py
    holds the list to the seed metric_definitions, which dbt cannot read while it writes SQL. -#}
{% macro not_additive() -%}
    {{ return(['followers', 'reach']) }}
{%- endmacro %}

{#- Measures of posts that a platform has counted by two definitions, one after the other, and that are
    summed. tests/test_metric_definitions.py holds the list to the seed, as above. -#}
{% macro redefined() -%}
    {{ return(['impressions', 'video_views']) }}
{%- endmacro %}

{#- Entity of metric_definitions, its column, and the measure of metric_days that sums it. -#}
{% macro measures_of_columns() %}
    {% set facts = {
        'fct_post_days': 'post_metrics', 'fct_account_days': 'account_metrics',
        'fct_ad_days': 'ad_performance'
    } %}
    {#- a unit test knows no semantic models, a linter no graph -#}
    {% set known = graph is defined and graph.semantic_models is defined %}
    {% set found = [] %}
    {% for model in (measured_models() if known else []) if model.node_relation.alias in facts %}
        {% for measure in model.measures if modules.re.match('^\\w+$', measure.expr or measure.name) %}
            {% do found.append({
                'entity': facts[model.node_relation.alias],
                'column': measure.expr or measure.name,
                'measure': measure.name
            }) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- What counts how often a post was shown, the first that a post has on a day. Engaged views stand
    before video views: YouTube redefined these twice. -#}
{% macro engagement_bases() -%}
    {{ return(['impressions', 'views', 'engaged_views', 'video_views']) }}
{%- endmacro %}
