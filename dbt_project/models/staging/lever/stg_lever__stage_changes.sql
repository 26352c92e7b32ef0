select
    cast(opportunity_id as {{ dbt.type_string() }}) as opportunity_id,
    cast(stage_id as {{ dbt.type_string() }}) as stage_id,
    {{ utc_timestamp('entered_at') }} as entered_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('lever', 'stage_changes') }}
