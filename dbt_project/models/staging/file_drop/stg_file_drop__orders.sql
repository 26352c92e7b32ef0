{{ stage_file('orders') }}
