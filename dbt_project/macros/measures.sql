{#- What a post is measured by. Reach counts people: it is never summed over days or posts. -#}
{% macro post_measures() -%}
    {{ return([
        'impressions', 'reach', 'likes', 'comments', 'shares', 'saves', 'clicks', 'video_views'
    ]) }}
{%- endmacro %}
