select
    'tiktok' as system,
    'tiktok' as platform,
    account_id,
    metric_date as as_of,
    follower_count as followers
from {{ ref('stg_tiktok__profile_days') }}
