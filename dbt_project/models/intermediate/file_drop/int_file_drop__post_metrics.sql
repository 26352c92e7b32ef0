{{ newest_of_file('post_metrics', ['platform', 'post_id', 'as_of', 'basis']) }}
