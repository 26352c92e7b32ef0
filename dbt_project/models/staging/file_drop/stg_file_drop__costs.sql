{{ stage_file('costs') }}
