select
    cast(campaign_group_id as {{ dbt.type_string() }}) as campaign_group_id,
    cast(name as {{ dbt.type_string() }}) as campaign_group_name
from {{ landed('linkedin_ads', 'campaign_groups') }}
