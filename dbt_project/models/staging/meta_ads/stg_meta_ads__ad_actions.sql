select
    cast(ad_id as {{ dbt.type_string() }}) as ad_id,
    cast(metric_date as date) as metric_date,
    cast(action_type as {{ dbt.type_string() }}) as action_type,
    cast(attribution_window as {{ dbt.type_string() }}) as attribution_window,
    cast(claimed as double) as claimed_count,
    cast(claimed_value as decimal(18, 4)) as claimed_value,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('meta_ads', 'ad_actions', {
    'ad_id': 'text', 'metric_date': 'date', 'action_type': 'text', 'attribution_window': 'text',
    'claimed': 'double', 'claimed_value': 'money'
}) }}
