select
    cast(ticket_id as {{ dbt.type_string() }}) as ticket_id,
    {{ utc_timestamp('updated_at') }} as archived_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('freshdesk', 'spam_tickets') }}
