{{ stage_file('applications') }}
