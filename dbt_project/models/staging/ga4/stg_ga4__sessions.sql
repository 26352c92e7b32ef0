select
    cast(day as date) as metric_date,
    cast(source as {{ dbt.type_string() }}) as session_source,
    cast(medium as {{ dbt.type_string() }}) as session_medium,
    cast(campaign as {{ dbt.type_string() }}) as session_campaign,
    cast(channel_group as {{ dbt.type_string() }}) as channel_group,
    cast(sessions as {{ dbt.type_bigint() }}) as session_count,
    cast(engaged_sessions as {{ dbt.type_bigint() }}) as engaged_session_count,
    cast(transactions as {{ dbt.type_bigint() }}) as transaction_count,
    cast(purchase_revenue as decimal(18, 4)) as purchase_revenue,
    cast(currency as {{ dbt.type_string() }}) as currency,
    {{ utc_timestamp('read_at') }} as read_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('ga4', 'sessions') }}
