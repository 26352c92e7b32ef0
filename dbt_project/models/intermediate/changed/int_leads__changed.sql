{{ config(materialized='table') }}
{{ changed_since_last_build('leads', ['system', 'lead_id'], before=['deal_id']) }}
