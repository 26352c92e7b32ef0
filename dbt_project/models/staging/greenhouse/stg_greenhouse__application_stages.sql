select
    cast(application_stage_id as {{ dbt.type_string() }}) as application_stage_id,
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    cast(job_interview_stage_id as {{ dbt.type_string() }}) as job_interview_stage_id,
    {{ utc_timestamp('entered_at') }} as entered_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'application_stages') }}
