{{ config(severity='warn') }}

-- Warns of each platform that the source map calls both social and conventional.
select
    platform,
    count(distinct channel_kind) as kinds
from {{ ref('int_sources__mapped') }}
group by platform
having count(distinct channel_kind) > 1
