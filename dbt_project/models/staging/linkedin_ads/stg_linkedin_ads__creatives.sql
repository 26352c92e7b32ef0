select
    {{ dbt.split_part('creative', "':'", 4) }} as creative_id,
    {{ dbt.split_part('campaign', "':'", 4) }} as campaign_id,
    cast(post as {{ dbt.type_string() }}) as post_id
from {{ landed('linkedin_ads', 'creatives') }}
