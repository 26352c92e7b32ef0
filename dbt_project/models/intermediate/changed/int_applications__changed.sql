{{ config(materialized='table') }}
{{ changed_since_last_build('applications', ['system', 'application_id']) }}
