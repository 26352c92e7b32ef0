{{ union_entity('leads', [
    ref('stg_file_drop__leads'),
    ref('int_hubspot__leads'),
]) }}
