select
    cast(ad_id as {{ dbt.type_string() }}) as ad_id,
    cast(ad_set_id as {{ dbt.type_string() }}) as ad_set_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(facebook_post as {{ dbt.type_string() }}) as facebook_post_id,
    cast(instagram_post as {{ dbt.type_string() }}) as instagram_post_id
from {{ landed('meta_ads', 'ads') }}
