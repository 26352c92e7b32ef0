{{ config(materialized='table') }}
{{ changed_since_last_build('orders', ['system', 'order_id']) }}
