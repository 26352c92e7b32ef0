select
    cast(opportunity_id as {{ dbt.type_string() }}) as opportunity_id,
    {{ utc_timestamp('deleted_at') }} as deleted_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('lever', 'deleted_opportunities') }}
