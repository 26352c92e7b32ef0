select
    cast(adgroup_id as {{ dbt.type_string() }}) as ad_group_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(adgroup_name as {{ dbt.type_string() }}) as ad_group_name,
    cast(click_attribution_window as {{ dbt.type_string() }}) as click_window,
    cast(view_attribution_window as {{ dbt.type_string() }}) as view_window
from {{ landed('tiktok_ads', 'ad_groups') }}
