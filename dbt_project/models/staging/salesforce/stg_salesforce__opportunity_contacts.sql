select
    cast(role_id as {{ dbt.type_string() }}) as role_id,
    cast(opportunity_id as {{ dbt.type_string() }}) as opportunity_id,
    cast(contact_id as {{ dbt.type_string() }}) as contact_id,
    cast(is_primary as boolean) as is_primary,
    cast(is_deleted as boolean) as is_deleted,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('modified_at') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('salesforce', 'opportunity_contacts') }}
