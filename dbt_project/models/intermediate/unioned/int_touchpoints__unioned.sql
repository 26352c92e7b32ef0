{{ union_entity('touchpoints') }}
