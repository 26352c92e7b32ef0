select
    cast(post_id as {{ dbt.type_string() }}) as post_id,
    cast(author as {{ dbt.type_string() }}) as account_id,
    cast(commentary as {{ dbt.type_string() }}) as text,
    cast(lifecycle_state as {{ dbt.type_string() }}) as lifecycle_state,
    cast(content_kind as {{ dbt.type_string() }}) as content_kind,
    cast(media_id as {{ dbt.type_string() }}) as media_id,
    cast(article_url as {{ dbt.type_string() }}) as article_url,
    cast(landing_page_url as {{ dbt.type_string() }}) as landing_page_url,
    {{ utc_from_milliseconds('published_ms') }} as published_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('linkedin', 'posts') }}
