with

stg_youtube__video_days as (

    select
        video_id,
        metric_date,
        view_count,
        engaged_view_count,
        like_count,
        comment_count,
        share_count,
        card_click_count
    from {{ ref('stg_youtube__video_days') }}

),

final as (

    select
        'youtube' as system,
        'youtube' as platform,
        video_id as post_id,
        metric_date as as_of,
        'daily' as basis,
        cast(null as {{ dbt.type_bigint() }}) as impressions,
        cast(null as {{ dbt.type_bigint() }}) as reach,
        like_count as likes,
        comment_count as comments,
        share_count as shares,
        cast(null as {{ dbt.type_bigint() }}) as saves,
        card_click_count as clicks,
        view_count as video_views,
        cast(null as {{ dbt.type_bigint() }}) as views,
        engaged_view_count as engaged_views
    from stg_youtube__video_days

)

select
    {{ entity_select('post_metrics') }}
from final
