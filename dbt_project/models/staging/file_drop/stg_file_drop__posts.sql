{{ stage_file('posts') }}
