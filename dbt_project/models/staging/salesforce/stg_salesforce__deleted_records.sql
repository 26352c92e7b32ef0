select
    cast(record_id as {{ dbt.type_string() }}) as record_id,
    cast(object as {{ dbt.type_string() }}) as object,
    {{ utc_timestamp('deleted_at') }} as deleted_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('salesforce', 'deleted_records') }}
