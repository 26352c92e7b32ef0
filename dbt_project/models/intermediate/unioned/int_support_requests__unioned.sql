{{ union_entity('support_requests') }}
