{{ union_entity('support_requests', [
    ref('stg_file_drop__support_requests'),
    ref('int_zendesk__support_requests'),
]) }}
