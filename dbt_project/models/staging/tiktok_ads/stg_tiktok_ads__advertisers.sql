select
    cast(advertiser_id as {{ dbt.type_string() }}) as advertiser_id,
    cast(currency as {{ dbt.type_string() }}) as currency,
    cast(timezone as {{ dbt.type_string() }}) as time_zone
from {{ landed('tiktok_ads', 'advertisers') }}
