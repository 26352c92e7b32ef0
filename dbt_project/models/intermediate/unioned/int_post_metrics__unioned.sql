{{ config(materialized=kept_table()) }}
{{ union_of_kept('post_metrics', 'int_post_metrics__changed') }}
order by as_of
