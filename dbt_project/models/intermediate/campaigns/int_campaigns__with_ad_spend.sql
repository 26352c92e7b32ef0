select campaign
from {{ ref('fct_ad_days') }}
where
    spend_original > 0
    and campaign <> 'unassigned'
group by campaign
