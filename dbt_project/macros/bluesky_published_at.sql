{#- When a Bluesky post was published. The author's program says when it was made, which may be
    wrong; it cannot be later than the moment at which the network saw it. -#}
{% macro bluesky_published_at() -%}
    case when created_at <= indexed_at then created_at else coalesce(indexed_at, created_at) end
{%- endmacro %}
