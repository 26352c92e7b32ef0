{{ union_entity('ad_performance', [
    ref('int_file_drop__ad_performance'),
    ref('int_meta_ads__ad_performance'),
]) }}
