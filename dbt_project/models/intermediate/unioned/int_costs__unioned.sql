{{ union_entity('costs', [
    ref('stg_file_drop__costs'),
]) }}
