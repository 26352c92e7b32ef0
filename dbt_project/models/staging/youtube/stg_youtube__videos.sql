select
    cast(video_id as {{ dbt.type_string() }}) as video_id,
    cast(channel_id as {{ dbt.type_string() }}) as channel_id,
    cast(title as {{ dbt.type_string() }}) as title,
    cast(description as {{ dbt.type_string() }}) as description,
    cast(broadcast as {{ dbt.type_string() }}) as broadcast_state,
    cast(privacy as {{ dbt.type_string() }}) as privacy_status,
    {{ utc_timestamp('published_at') }} as published_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('youtube', 'videos') }}
