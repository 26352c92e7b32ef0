{{ newest_of_file('account_metrics', ['platform', 'account_id', 'as_of']) }}
