select
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(name as {{ dbt.type_string() }}) as campaign_name,
    cast(objective as {{ dbt.type_string() }}) as objective
from {{ landed('meta_ads', 'campaigns') }}
