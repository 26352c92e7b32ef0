select
    cast(job_id as {{ dbt.type_string() }}) as job_id,
    cast(name as {{ dbt.type_string() }}) as job_name,
    cast(status as {{ dbt.type_string() }}) as status,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'jobs') }}
