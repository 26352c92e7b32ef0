{{ union_entity('post_metrics', [
    ref('int_file_drop__post_metrics'),
    ref('int_linkedin__post_metrics'),
]) }}
