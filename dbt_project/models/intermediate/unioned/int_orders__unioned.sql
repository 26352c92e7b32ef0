{{ config(materialized=kept_table()) }}
{{ union_of_kept('orders', 'int_orders__changed') }}
