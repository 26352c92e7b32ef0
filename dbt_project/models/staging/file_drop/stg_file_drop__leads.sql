{{ stage_file('leads') }}
