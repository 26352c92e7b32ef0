{{ config(materialized='table') }}
{{ changed_since_last_build('support_requests', ['system', 'request_id']) }}
