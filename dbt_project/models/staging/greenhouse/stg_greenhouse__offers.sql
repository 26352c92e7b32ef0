select
    cast(offer_id as {{ dbt.type_string() }}) as offer_id,
    cast(application_id as {{ dbt.type_string() }}) as application_id,
    cast(status as {{ dbt.type_string() }}) as status,
    cast(version as {{ dbt.type_bigint() }}) as version,
    cast(sent_on as date) as sent_on,
    {{ utc_timestamp('resolved_at') }} as resolved_at,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('greenhouse', 'offers') }}
