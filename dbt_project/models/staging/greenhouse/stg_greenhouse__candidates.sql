select
    cast(candidate_id as {{ dbt.type_string() }}) as candidate_pid,
    cast(person as {{ dbt.type_string() }}) as person,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'candidates') }}
