{{ newest_of_file('ad_performance', ['platform', 'ad_id', 'date']) }}
