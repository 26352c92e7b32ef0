{{ union_entity('applications') }}
