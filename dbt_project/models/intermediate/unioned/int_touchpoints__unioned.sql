{{ union_entity('touchpoints', [
    ref('stg_file_drop__touchpoints'),
]) }}
