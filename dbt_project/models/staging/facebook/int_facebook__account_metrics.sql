select
    'facebook' as system,
    'facebook' as platform,
    page_id as account_id,
    metric_date as as_of,
    follower_count as followers
from {{ ref('stg_facebook__page_days') }}
