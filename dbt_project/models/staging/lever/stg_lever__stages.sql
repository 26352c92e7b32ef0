select
    cast(stage_id as {{ dbt.type_string() }}) as stage_id,
    cast(name as {{ dbt.type_string() }}) as stage_name,
    cast(phase as {{ dbt.type_string() }}) as phase,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('lever', 'stages') }}
