{{ config(materialized=kept_table()) }}
{{ union_of_kept('deals', 'int_deals__changed') }}
