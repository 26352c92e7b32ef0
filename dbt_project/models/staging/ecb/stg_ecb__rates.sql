select
    cast(currency as {{ dbt.type_string() }}) as currency,
    cast(rate_on as date) as rate_on,
    cast(units_per_euro as double) as units_per_euro,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('ecb', 'rates') }}
