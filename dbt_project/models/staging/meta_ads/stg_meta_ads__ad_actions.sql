select
    cast(ad_id as {{ dbt.type_string() }}) as ad_id,
    cast(metric_date as date) as metric_date,
    cast(publisher_platform as {{ dbt.type_string() }}) as publisher_platform,
    cast(action_type as {{ dbt.type_string() }}) as action_type,
    cast(attribution_window as {{ dbt.type_string() }}) as attribution_window,
    cast(claimed as double) as claimed_count,
    cast(claimed_value as decimal(18, 4)) as claimed_value,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('meta_ads', 'ad_actions', meta_actions_of(source('raw', 'meta_ads__ad_days'))) }}
