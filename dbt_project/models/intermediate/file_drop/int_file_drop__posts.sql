{{ newest_of_file('posts', ['platform', 'post_id']) }}
