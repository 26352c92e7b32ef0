select
    cast(ad_set_id as {{ dbt.type_string() }}) as ad_set_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(name as {{ dbt.type_string() }}) as ad_set_name
from {{ landed('meta_ads', 'ad_sets') }}
