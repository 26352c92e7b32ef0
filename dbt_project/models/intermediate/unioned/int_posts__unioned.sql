{{ union_entity('posts', [
    ref('int_file_drop__posts'),
    ref('int_linkedin__posts'),
]) }}
