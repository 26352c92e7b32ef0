with

stg_x__posts as (

    select
        post_id,
        impression_count,
        like_count,
        reply_count,
        repost_count,
        quote_count,
        bookmark_count,
        link_click_count,
        video_view_count,
        published_at,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_x__posts') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by post_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_x__posts

),

final as (

    -- of posts from before 2023 nobody counted impressions: what X shows as 0 is unknown
    select
        'x' as system,
        'x' as platform,
        post_id,
        as_of,
        'lifetime' as basis,
        case
            when published_at < cast('2023-01-01' as date) then nullif(impression_count, 0)
            else impression_count
        end as impressions,
        cast(null as {{ dbt.type_bigint() }}) as reach,
        like_count as likes,
        reply_count as comments,
        repost_count + quote_count as shares,
        bookmark_count as saves,
        link_click_count as clicks,
        video_view_count as video_views,
        cast(null as {{ dbt.type_bigint() }}) as views,
        cast(null as {{ dbt.type_bigint() }}) as engaged_views
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('post_metrics') }}
from final
