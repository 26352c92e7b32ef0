{{ stage_file('account_metrics') }}
