select
    cast(contact_id as {{ dbt.type_string() }}) as contact_id,
    {{ utc_timestamp('archived_at') }} as archived_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('hubspot', 'contacts_archived') }}
