select
    cast(pipeline_id as {{ dbt.type_string() }}) as pipeline_id,
    cast(stage_id as {{ dbt.type_string() }}) as stage_id,
    cast(probability as double) as probability,
    cast(is_closed as boolean) as is_closed,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('hubspot', 'deal_stages') }}
