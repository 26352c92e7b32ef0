{{ config(materialized='table') }}
{{ changed_since_last_build('deals', ['system', 'deal_id']) }}
