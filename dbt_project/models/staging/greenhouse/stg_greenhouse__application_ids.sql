select
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'application_ids') }}
