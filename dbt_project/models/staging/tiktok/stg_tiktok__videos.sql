select
    cast(video_id as {{ dbt.type_string() }}) as video_id,
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(media_type as {{ dbt.type_string() }}) as media_type,
    cast(caption as {{ dbt.type_string() }}) as caption,
    cast(share_url as {{ dbt.type_string() }}) as share_url,
    cast(video_views as {{ dbt.type_bigint() }}) as view_count,
    cast(likes as {{ dbt.type_bigint() }}) as like_count,
    cast(comments as {{ dbt.type_bigint() }}) as comment_count,
    cast(shares as {{ dbt.type_bigint() }}) as share_count,
    cast(favorites as {{ dbt.type_bigint() }}) as favourite_count,
    cast(reach as {{ dbt.type_bigint() }}) as reach_count,
    cast(website_clicks as {{ dbt.type_bigint() }}) as website_click_count,
    {{ utc_from_milliseconds('published_seconds * 1000') }} as published_at,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('tiktok', 'videos') }}
