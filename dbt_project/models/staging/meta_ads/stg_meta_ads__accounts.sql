select
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(currency as {{ dbt.type_string() }}) as currency,
    cast(time_zone as {{ dbt.type_string() }}) as time_zone
from {{ landed('meta_ads', 'accounts') }}
