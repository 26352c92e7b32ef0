select
    cast(ad_id as {{ dbt.type_string() }}) as ad_id,
    cast(adgroup_id as {{ dbt.type_string() }}) as ad_group_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(tiktok_item_id as {{ dbt.type_string() }}) as post_id
from {{ landed('tiktok_ads', 'ads') }}
