{{ config(materialized=kept_table()) }}
{{ union_of_kept('leads', 'int_leads__changed') }}
