{{ union_entity('leads') }}
