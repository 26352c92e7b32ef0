select
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    cast(person as {{ dbt.type_string() }}) as person,
    cast(job_id as {{ dbt.type_string() }}) as job_id,
    cast(channel as {{ dbt.type_string() }}) as channel,
    cast(stage_id as {{ dbt.type_string() }}) as stage_id,
    cast(stage_kind as {{ dbt.type_string() }}) as stage_kind,
    cast(stage_type as {{ dbt.type_string() }}) as stage_type,
    cast(stage_name as {{ dbt.type_string() }}) as stage_name,
    cast(phase as {{ dbt.type_string() }}) as phase,
    cast(application_date as date) as application_date,
    cast(is_anonymized as boolean) as is_anonymized,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('personio', 'applications') }}
