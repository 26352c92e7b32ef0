select
    cast(member_id as {{ dbt.type_string() }}) as member_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(lead_id as {{ dbt.type_string() }}) as lead_id,
    cast(is_deleted as boolean) as is_deleted,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('modified_at') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('salesforce', 'campaign_members') }}
