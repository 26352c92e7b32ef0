select
    cast(person_id as {{ dbt.type_string() }}) as person_id,
    cast(email as {{ dbt.type_string() }}) as person,
    cast(source as {{ dbt.type_string() }}) as source,
    cast(utm_source as {{ dbt.type_string() }}) as utm_source,
    cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
    cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
    cast(utm_content as {{ dbt.type_string() }}) as utm_content,
    cast(has_qualified_label as boolean) as has_qualified_label,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('modified_at') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('pipedrive', 'persons') }}
