{{ union_entity('applications', [
    ref('stg_file_drop__applications'),
    ref('int_greenhouse__applications'),
]) }}
