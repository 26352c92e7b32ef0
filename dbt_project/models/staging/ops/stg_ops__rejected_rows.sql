select
    cast(source as {{ dbt.type_string() }}) as source,
    cast(stream as {{ dbt.type_string() }}) as stream,
    cast(attempt as {{ dbt.type_string() }}) as attempt,
    cast(file as {{ dbt.type_string() }}) as file,
    cast(line as {{ dbt.type_bigint() }}) as line,
    cast(column_name as {{ dbt.type_string() }}) as column_name,
    cast(reason as {{ dbt.type_string() }}) as reason
from {{ source('raw', 'rejected_rows') }}
