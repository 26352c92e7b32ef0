{{ config(materialized=kept_table()) }}
{{ union_of_kept('touchpoints', 'int_touchpoints__changed') }}
