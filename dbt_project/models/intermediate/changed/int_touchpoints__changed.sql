{{ config(materialized='table') }}
{%- set before = ['person', 'touched_at'] -%}
{{ changed_since_last_build('touchpoints', ['system', 'touch_id'], before=before) }}
