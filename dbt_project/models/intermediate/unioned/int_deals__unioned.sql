{{ union_entity('deals') }}
