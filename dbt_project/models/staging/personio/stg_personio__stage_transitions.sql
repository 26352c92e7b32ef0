select
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    cast(stage as {{ dbt.type_string() }}) as stage,
    cast(stage_id as {{ dbt.type_string() }}) as stage_id,
    cast(stage_kind as {{ dbt.type_string() }}) as stage_kind,
    cast(stage_type as {{ dbt.type_string() }}) as stage_type,
    cast(stage_name as {{ dbt.type_string() }}) as stage_name,
    cast(phase as {{ dbt.type_string() }}) as phase,
    {{ utc_timestamp('entered_at') }} as entered_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('personio', 'stage_transitions') }}
