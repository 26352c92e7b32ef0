select
    cast(system as {{ dbt.type_string() }}) as system,
    cast(value as {{ dbt.type_string() }}) as value,
    cast(platform as {{ dbt.type_string() }}) as platform,
    cast(channel_kind as {{ dbt.type_string() }}) as channel_kind
from {{ source('raw', 'company__source_map') }}
