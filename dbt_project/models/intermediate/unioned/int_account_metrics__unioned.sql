{{ union_entity('account_metrics', [
    ref('int_file_drop__account_metrics'),
    ref('int_linkedin__account_metrics'),
]) }}
