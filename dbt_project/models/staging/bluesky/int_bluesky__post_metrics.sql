with

stg_bluesky__posts as (

    select
        post_id,
        like_count,
        reply_count,
        repost_count,
        quote_count,
        bookmark_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_bluesky__posts') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by post_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_bluesky__posts

),

final as (

    select
        'bluesky' as system,
        'bluesky' as platform,
        post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as impressions,
        cast(null as {{ dbt.type_bigint() }}) as reach,
        like_count as likes,
        reply_count as comments,
        repost_count + quote_count as shares,
        bookmark_count as saves,
        cast(null as {{ dbt.type_bigint() }}) as clicks,
        cast(null as {{ dbt.type_bigint() }}) as video_views,
        cast(null as {{ dbt.type_bigint() }}) as views,
        cast(null as {{ dbt.type_bigint() }}) as engaged_views
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('post_metrics') }}
from final
