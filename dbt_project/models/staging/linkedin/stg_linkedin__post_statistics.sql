select
    cast(post_id as {{ dbt.type_string() }}) as post_id,
    cast(account as {{ dbt.type_string() }}) as account_id,
    cast(impressions as {{ dbt.type_bigint() }}) as impression_count,
    cast(unique_impressions as {{ dbt.type_bigint() }}) as unique_impression_count,
    cast(clicks as {{ dbt.type_bigint() }}) as click_count,
    cast(likes as {{ dbt.type_bigint() }}) as like_count,
    cast(comments as {{ dbt.type_bigint() }}) as comment_count,
    cast(shares as {{ dbt.type_bigint() }}) as share_count,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('linkedin', 'post_statistics') }}
