{{ stage_file('ad_performance') }}
