{{ union_entity('deals', [
    ref('stg_file_drop__deals'),
    ref('int_hubspot__deals'),
]) }}
