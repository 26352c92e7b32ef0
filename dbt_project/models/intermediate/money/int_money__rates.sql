-- Only the business currency has a rate so far: 1. An amount in any other stays unconverted.
select
    currency,
    cast(1 as decimal(18, 8)) as rate
from {{ ref('stg_ops__run') }}
