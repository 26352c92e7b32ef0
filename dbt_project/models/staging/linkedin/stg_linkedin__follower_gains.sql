select
    cast(account as {{ dbt.type_string() }}) as account_id,
    cast(organic_gain as {{ dbt.type_bigint() }}) as organic_gain_count,
    cast(paid_gain as {{ dbt.type_bigint() }}) as paid_gain_count,
    cast({{ utc_from_milliseconds('day_start_ms') }} as date) as metric_date,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('linkedin', 'follower_gains') }}
