select
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(name as {{ dbt.type_string() }}) as name,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('salesforce', 'campaigns') }}
