select
    cast(status_id as {{ dbt.type_string() }}) as status_id,
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(visibility as {{ dbt.type_string() }}) as visibility,
    cast(url as {{ dbt.type_string() }}) as url,
    cast(text as {{ dbt.type_string() }}) as text,
    cast(media_type as {{ dbt.type_string() }}) as media_type,
    cast(favourites as {{ dbt.type_bigint() }}) as favourite_count,
    cast(reblogs as {{ dbt.type_bigint() }}) as reblog_count,
    cast(replies as {{ dbt.type_bigint() }}) as reply_count,
    {{ utc_timestamp('published_at') }} as published_at,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('mastodon', 'statuses') }}
