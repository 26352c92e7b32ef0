select
    cast(job_interview_stage_id as {{ dbt.type_string() }}) as job_interview_stage_id,
    cast(job_id as {{ dbt.type_string() }}) as job_id,
    cast(name as {{ dbt.type_string() }}) as stage_name,
    cast(sort_order as {{ dbt.type_bigint() }}) as sort_order,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'job_interview_stages') }}
