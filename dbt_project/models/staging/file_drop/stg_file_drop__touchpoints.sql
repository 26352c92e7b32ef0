{{ stage_file('touchpoints') }}
