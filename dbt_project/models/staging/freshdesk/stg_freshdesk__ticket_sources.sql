select
    cast(source as {{ dbt.type_bigint() }}) as source_code,
    cast(name as {{ dbt.type_string() }}) as source_name,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('freshdesk', 'ticket_sources') }}
