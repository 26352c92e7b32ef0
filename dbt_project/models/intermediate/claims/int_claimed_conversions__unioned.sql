{{ union_entity('claimed_conversions') }}
