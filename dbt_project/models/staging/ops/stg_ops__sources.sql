select
    cast(source as {{ dbt.type_string() }}) as source,
    cast(stream as {{ dbt.type_string() }}) as stream,
    cast(area as {{ dbt.type_string() }}) as area,
    cast(basis as {{ dbt.type_string() }}) as basis,
    cast(lookback_days as {{ dbt.type_bigint() }}) as lookback_days,
    cast(configured as boolean) as configured
from {{ source('ops', 'sources') }}
