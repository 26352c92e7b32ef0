select
    cast(deal_id as {{ dbt.type_string() }}) as deal_id,
    {{ utc_timestamp('archived_at') }} as archived_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('hubspot', 'deals_archived') }}
