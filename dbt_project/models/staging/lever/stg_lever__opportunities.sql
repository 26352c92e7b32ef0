select
    cast(opportunity_id as {{ dbt.type_string() }}) as opportunity_id,
    cast(person as {{ dbt.type_string() }}) as person,
    cast(posting_id as {{ dbt.type_string() }}) as posting_id,
    cast(stage_id as {{ dbt.type_string() }}) as stage_id,
    cast(origin as {{ dbt.type_string() }}) as origin,
    cast(source as {{ dbt.type_string() }}) as source,
    cast(utm_source as {{ dbt.type_string() }}) as utm_source,
    cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
    cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
    cast(utm_content as {{ dbt.type_string() }}) as utm_content,
    cast(archive_reason_id as {{ dbt.type_string() }}) as archive_reason_id,
    cast(is_anonymized as boolean) as is_anonymized,
    {{ utc_timestamp('archived_at') }} as archived_at,
    {{ utc_timestamp('applied_at') }} as applied_at,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('lever', 'opportunities') }}
