select
    cast(conversation_id as {{ dbt.type_string() }}) as conversation_id,
    cast(person as {{ dbt.type_string() }}) as contact_pid,
    cast(source_type as {{ dbt.type_string() }}) as source_type,
    cast(delivered_as as {{ dbt.type_string() }}) as delivered_as,
    cast(state as {{ dbt.type_string() }}) as state,
    cast(topic as {{ dbt.type_string() }}) as first_tag,
    cast(rating as {{ dbt.type_bigint() }}) as rating,
    {{ utc_from_milliseconds('contact_replied_seconds * 1000') }} as contact_replied_at,
    {{ utc_from_milliseconds('admin_replied_seconds * 1000') }} as admin_replied_at,
    {{ utc_from_milliseconds('closed_seconds * 1000') }} as closed_at,
    {{ utc_from_milliseconds('created_seconds * 1000') }} as created_at,
    {{ utc_from_milliseconds('updated_seconds * 1000') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('intercom', 'conversations') }}
