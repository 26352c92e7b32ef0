select
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(followers as {{ dbt.type_bigint() }}) as follower_count,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('instagram', 'accounts') }}
