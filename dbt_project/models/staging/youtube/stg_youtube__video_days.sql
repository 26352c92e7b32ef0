select
    cast(video_id as {{ dbt.type_string() }}) as video_id,
    cast(day as date) as metric_date,
    cast(views as {{ dbt.type_bigint() }}) as view_count,
    cast(engaged_views as {{ dbt.type_bigint() }}) as engaged_view_count,
    cast(likes as {{ dbt.type_bigint() }}) as like_count,
    cast(comments as {{ dbt.type_bigint() }}) as comment_count,
    cast(shares as {{ dbt.type_bigint() }}) as share_count,
    cast(card_clicks as {{ dbt.type_bigint() }}) as card_click_count,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('youtube', 'video_days') }}
