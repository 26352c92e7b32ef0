select
    cast(day as date) as metric_date,
    cast(source as {{ dbt.type_string() }}) as session_source,
    cast(medium as {{ dbt.type_string() }}) as session_medium,
    cast(campaign as {{ dbt.type_string() }}) as session_campaign,
    cast(event as {{ dbt.type_string() }}) as event_name,
    cast(key_events as double) as key_event_count,
    {{ utc_timestamp('read_at') }} as read_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('ga4', 'key_events') }}
