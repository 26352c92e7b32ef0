select
    cast(post_id as {{ dbt.type_string() }}) as post_id,
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(text as {{ dbt.type_string() }}) as text,
    cast(link_url as {{ dbt.type_string() }}) as link_url,
    cast(embed_type as {{ dbt.type_string() }}) as embed_type,
    cast(likes as {{ dbt.type_bigint() }}) as like_count,
    cast(replies as {{ dbt.type_bigint() }}) as reply_count,
    cast(reposts as {{ dbt.type_bigint() }}) as repost_count,
    cast(quotes as {{ dbt.type_bigint() }}) as quote_count,
    cast(bookmarks as {{ dbt.type_bigint() }}) as bookmark_count,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('indexed_at') }} as indexed_at,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('bluesky', 'posts') }}
