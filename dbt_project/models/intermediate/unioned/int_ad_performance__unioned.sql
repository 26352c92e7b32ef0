{{ union_entity('ad_performance') }}
