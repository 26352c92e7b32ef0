select
    cast(media_id as {{ dbt.type_string() }}) as media_id,
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(caption as {{ dbt.type_string() }}) as caption,
    cast(media_type as {{ dbt.type_string() }}) as media_type,
    cast(product_type as {{ dbt.type_string() }}) as product_type,
    cast(permalink as {{ dbt.type_string() }}) as permalink,
    cast(views as {{ dbt.type_bigint() }}) as view_count,
    cast(reach as {{ dbt.type_bigint() }}) as reached_account_count,
    cast(replies as {{ dbt.type_bigint() }}) as reply_count,
    cast(shares as {{ dbt.type_bigint() }}) as share_count,
    {{ utc_timestamp('published_at') }} as published_at,
    cast(read_on as date) as read_on,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('instagram', 'stories') }}
