select
    cast(contact_id as {{ dbt.type_string() }}) as contact_id,
    cast(stage as {{ dbt.type_string() }}) as lifecycle_stage,
    {{ utc_timestamp('entered_at') }} as entered_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('hubspot', 'contact_stage_changes') }}
