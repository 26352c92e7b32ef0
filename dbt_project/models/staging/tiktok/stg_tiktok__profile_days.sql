select
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(metric_date as date) as metric_date,
    cast(followers as {{ dbt.type_bigint() }}) as follower_count,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('tiktok', 'profile_days') }}
