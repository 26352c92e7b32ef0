{{ stage_file('post_metrics') }}
