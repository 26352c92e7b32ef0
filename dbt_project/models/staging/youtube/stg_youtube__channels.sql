select
    cast(channel_id as {{ dbt.type_string() }}) as channel_id,
    cast(subscribers as {{ dbt.type_bigint() }}) as subscriber_count,
    cast(subscribers_hidden as boolean) as is_subscriber_count_hidden,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('youtube', 'channels') }}
