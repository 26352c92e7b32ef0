{{ union_entity('orders') }}
