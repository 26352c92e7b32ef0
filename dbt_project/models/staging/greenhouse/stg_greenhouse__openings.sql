select
    cast(opening_id as {{ dbt.type_string() }}) as opening_id,
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    {{ utc_timestamp('closed_at') }} as closed_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'openings') }}
