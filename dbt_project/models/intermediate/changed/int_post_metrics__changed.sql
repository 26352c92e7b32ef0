{{ config(materialized='table') }}
{{ changed_since_last_build('post_metrics', reading_key(), before=['as_of']) }}
