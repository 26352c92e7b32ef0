{{ union_entity('orders', [
    ref('stg_file_drop__orders'),
]) }}
