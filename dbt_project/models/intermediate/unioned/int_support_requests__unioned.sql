{{ config(materialized=kept_table()) }}
{{ union_of_kept('support_requests', 'int_support_requests__changed') }}
