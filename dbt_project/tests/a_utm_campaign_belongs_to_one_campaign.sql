{{ config(severity='warn') }}

-- Warns of each utm_campaign that two rows of campaigns.csv claim; the first by name has it.
select
    utm_campaign_key,
    count(*) as campaigns
from {{ ref('int_campaigns__declared') }}
where utm_campaign_key is not null
group by utm_campaign_key
having count(*) > 1
