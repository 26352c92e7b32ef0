{{ stage_file('deals') }}
