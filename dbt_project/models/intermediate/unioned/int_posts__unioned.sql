{{ config(materialized=kept_table()) }}
{{ union_of_kept('posts', 'int_posts__relisted') }}
