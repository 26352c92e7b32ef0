select
    cast(lead_id as {{ dbt.type_string() }}) as lead_id,
    cast(person_id as {{ dbt.type_string() }}) as person_id,
    cast(channel as {{ dbt.type_string() }}) as channel,
    cast(channel_id as {{ dbt.type_string() }}) as channel_id,
    cast(utm_source as {{ dbt.type_string() }}) as utm_source,
    cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
    cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
    cast(utm_content as {{ dbt.type_string() }}) as utm_content,
    cast(has_qualified_label as boolean) as has_qualified_label,
    cast(is_archived as boolean) as is_archived,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('modified_at') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('pipedrive', 'leads') }}
