select
    cast(user_id as {{ dbt.type_string() }}) as user_pid,
    cast(person as {{ dbt.type_string() }}) as person,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('zendesk', 'users') }}
