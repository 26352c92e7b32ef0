with

stg_youtube__channels as (

    select
        channel_id,
        subscriber_count,
        is_subscriber_count_hidden,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_youtube__channels') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by channel_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_youtube__channels

),

final as (

    -- where the number is hidden, the platform may still write a 0
    select
        'youtube' as system,
        'youtube' as platform,
        channel_id as account_id,
        as_of,
        case when not coalesce(is_subscriber_count_hidden, false) then subscriber_count end
            as followers
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('account_metrics') }}
from final
