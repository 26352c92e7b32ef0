select
    cast(archive_reason_id as {{ dbt.type_string() }}) as archive_reason_id,
    cast(name as {{ dbt.type_string() }}) as reason_name,
    cast(type as {{ dbt.type_string() }}) as reason_type,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('lever', 'archive_reasons') }}
