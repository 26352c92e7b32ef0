select
    cast(account_id as {{ dbt.type_string() }}) as account_id,
    cast(currency as {{ dbt.type_string() }}) as currency
from {{ landed('linkedin_ads', 'accounts') }}
