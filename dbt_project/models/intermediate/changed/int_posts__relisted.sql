{{ config(materialized='table') }}
{{ changed_since_last_build('posts', post_key()) }}
