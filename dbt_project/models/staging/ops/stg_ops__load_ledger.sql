select
    cast(source as {{ dbt.type_string() }}) as source,
    cast(stream as {{ dbt.type_string() }}) as stream,
    cast(attempt as {{ dbt.type_string() }}) as attempt,
    cast(status as {{ dbt.type_string() }}) as status,
    cast(error as {{ dbt.type_string() }}) as error,
    cast(file as {{ dbt.type_string() }}) as file,
    cast(drift as {{ dbt.type_string() }}) as drift,
    cast(rows_landed as {{ dbt.type_bigint() }}) as rows_landed,
    cast(rows_written as {{ dbt.type_bigint() }}) as rows_written,
    cast(rows_rejected as {{ dbt.type_bigint() }}) as rows_rejected,
    {{ column_or_null(source('ops', 'load_ledger'), 'rows_replaced', dbt.type_bigint()) }},
    cast(cells_rejected as {{ dbt.type_bigint() }}) as cells_rejected,
    cast(window_first as date) as window_first,
    cast(window_last as date) as window_last,
    {{ utc_timestamp('fetched_at') }} as fetched_at,
    {{ utc_timestamp('loaded_at') }} as loaded_at
from {{ source('ops', 'load_ledger') }}
