select
    cast(account as {{ dbt.type_string() }}) as account_id,
    cast(views as {{ dbt.type_bigint() }}) as view_count,
    cast(unique_views as {{ dbt.type_bigint() }}) as unique_view_count,
    cast(overview_views as {{ dbt.type_bigint() }}) as overview_view_count,
    cast(about_views as {{ dbt.type_bigint() }}) as about_view_count,
    cast(careers_views as {{ dbt.type_bigint() }}) as careers_view_count,
    cast(jobs_views as {{ dbt.type_bigint() }}) as jobs_view_count,
    cast(life_at_views as {{ dbt.type_bigint() }}) as life_at_view_count,
    cast({{ utc_from_milliseconds('day_start_ms') }} as date) as metric_date,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('linkedin', 'page_statistics') }}
