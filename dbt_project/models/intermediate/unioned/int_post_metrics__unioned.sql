{{ config(materialized=kept_table()) }}
{{- after('int_post_metrics__changed') -}}
{%- if all_anew() -%}
{{ union_entity('post_metrics') }}
order by as_of
{%- else -%}
select
    {{ entity_select('post_metrics') }}
from {{ ref('int_post_metrics__changed') }}
where not is_gone
{%- endif %}
