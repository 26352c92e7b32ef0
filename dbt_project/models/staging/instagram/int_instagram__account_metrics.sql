with

stg_instagram__accounts as (

    select
        account_id,
        follower_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_instagram__accounts') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by account_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_instagram__accounts

),

final as (

    select
        'instagram' as system,
        'instagram' as platform,
        account_id,
        as_of,
        follower_count as followers
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('account_metrics') }}
from final
