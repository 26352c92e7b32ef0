with

stg_facebook__posts as (

    select
        post_id,
        media_view_count,
        viewing_people_count,
        link_click_count,
        reaction_count,
        comment_count,
        share_count,
        video_view_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_facebook__posts') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by post_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_facebook__posts

),

final as (

    -- media views are no impressions: since 2025-11-15 those are not counted
    select
        'facebook' as system,
        'facebook' as platform,
        post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as impressions,
        viewing_people_count as reach,
        reaction_count as likes,
        comment_count as comments,
        share_count as shares,
        cast(null as {{ dbt.type_bigint() }}) as saves,
        link_click_count as clicks,
        video_view_count as video_views,
        media_view_count as views,
        cast(null as {{ dbt.type_bigint() }}) as engaged_views
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('post_metrics') }}
from final
