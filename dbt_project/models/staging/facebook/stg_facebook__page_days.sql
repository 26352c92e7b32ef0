-- A day is named by its end, midnight in California, which is 07:00 or 08:00 UTC of the next day.
select
    cast(page_id as {{ dbt.type_string() }}) as page_id,
    cast(follows as {{ dbt.type_bigint() }}) as follower_count,
    cast({{ dbt.dateadd('hour', -12, utc_timestamp('day_end')) }} as date) as metric_date,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('facebook', 'page_days') }}
