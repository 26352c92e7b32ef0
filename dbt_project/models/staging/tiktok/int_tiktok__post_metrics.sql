with

stg_tiktok__videos as (

    select
        video_id,
        view_count,
        like_count,
        comment_count,
        share_count,
        favourite_count,
        reach_count,
        website_click_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_tiktok__videos') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by video_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_tiktok__videos

),

final as (

    select
        'tiktok' as system,
        'tiktok' as platform,
        video_id as post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as impressions,
        reach_count as reach,
        like_count as likes,
        comment_count as comments,
        share_count as shares,
        favourite_count as saves,
        website_click_count as clicks,
        view_count as video_views,
        cast(null as {{ dbt.type_bigint() }}) as views,
        cast(null as {{ dbt.type_bigint() }}) as engaged_views
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('post_metrics') }}
from final
