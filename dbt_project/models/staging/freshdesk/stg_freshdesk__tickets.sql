select
    cast(ticket_id as {{ dbt.type_string() }}) as ticket_id,
    cast(requester_email as {{ dbt.type_string() }}) as requester_pid,
    cast(source as {{ dbt.type_bigint() }}) as source_code,
    cast(status as {{ dbt.type_bigint() }}) as status_code,
    cast(type as {{ dbt.type_string() }}) as ticket_type,
    {{ utc_timestamp('first_responded_at') }} as first_responded_at,
    {{ utc_timestamp('reopened_at') }} as reopened_at,
    {{ utc_timestamp('resolved_at') }} as resolved_at,
    {{ utc_timestamp('closed_at') }} as closed_at,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('freshdesk', 'tickets') }}
