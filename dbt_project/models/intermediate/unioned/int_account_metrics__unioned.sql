{{ union_entity('account_metrics') }}
