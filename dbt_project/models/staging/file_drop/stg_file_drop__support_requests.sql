{{ stage_file('support_requests') }}
