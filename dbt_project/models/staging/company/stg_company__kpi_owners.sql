select
    cast(kpi as {{ dbt.type_string() }}) as kpi,
    cast(source as {{ dbt.type_string() }}) as source,
    cast(department as {{ dbt.type_string() }}) as department,
    cast(contact_name as {{ dbt.type_string() }}) as contact_name,
    cast(contact as {{ dbt.type_string() }}) as contact,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to
from {{ source('raw', 'company__kpi_owners') }}
