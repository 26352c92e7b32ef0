{{ union_entity('ad_performance', [
    ref('int_file_drop__ad_performance'),
]) }}
