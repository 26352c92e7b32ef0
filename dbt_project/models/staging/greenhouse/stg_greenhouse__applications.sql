select
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    cast(candidate_id as {{ dbt.type_string() }}) as candidate_pid,
    cast(job_id as {{ dbt.type_string() }}) as job_id,
    cast(source_id as {{ dbt.type_string() }}) as source_id,
    cast(status as {{ dbt.type_string() }}) as status,
    cast(utm_source as {{ dbt.type_string() }}) as utm_source,
    cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
    cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
    cast(utm_content as {{ dbt.type_string() }}) as utm_content,
    cast(prospect as boolean) as is_prospect,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('rejected_at') }} as rejected_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'applications') }}
