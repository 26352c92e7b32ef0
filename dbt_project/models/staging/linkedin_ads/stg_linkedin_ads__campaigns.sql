select
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    {{ dbt.split_part('campaign_group', "':'", 4) }} as campaign_group_id,
    cast(name as {{ dbt.type_string() }}) as campaign_name
from {{ landed('linkedin_ads', 'campaigns') }}
