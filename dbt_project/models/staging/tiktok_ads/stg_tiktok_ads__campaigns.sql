select
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(advertiser_id as {{ dbt.type_string() }}) as advertiser_id,
    cast(campaign_name as {{ dbt.type_string() }}) as campaign_name,
    cast(objective_type as {{ dbt.type_string() }}) as objective
from {{ landed('tiktok_ads', 'campaigns') }}
