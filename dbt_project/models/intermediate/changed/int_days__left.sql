{{ config(materialized='table') }}
{{- after('int_conversions__changed') -}}
{%- if all_anew() -%}
select
    cast(null as {{ dbt.type_string() }}) as fact,
    cast(null as date) as day
where 1 = 0
{%- else -%}
{{ days_of_changed_conversions(as_they_were=true) }}
{%- endif %}
