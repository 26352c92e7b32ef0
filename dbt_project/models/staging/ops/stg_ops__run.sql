select
    cast(business_date as date) as business_date,
    cast(timezone as {{ dbt.type_string() }}) as timezone,
    cast(currency as {{ dbt.type_string() }}) as currency
from {{ source('ops', 'run') }}
