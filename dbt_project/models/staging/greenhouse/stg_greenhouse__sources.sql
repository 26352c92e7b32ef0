select
    cast(source_id as {{ dbt.type_string() }}) as source_id,
    cast(name as {{ dbt.type_string() }}) as source_name,
    cast(strategy as {{ dbt.type_string() }}) as strategy,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'sources') }}
