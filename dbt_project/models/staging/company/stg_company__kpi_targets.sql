select
    cast(kpi as {{ dbt.type_string() }}) as kpi,
    cast(slice as {{ dbt.type_string() }}) as slice,
    cast(slice_value as {{ dbt.type_string() }}) as slice_value,
    cast(target as double) as target,
    cast(reason as {{ dbt.type_string() }}) as reason,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to
from {{ source('raw', 'company__kpi_targets') }}
