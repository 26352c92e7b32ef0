with

stg_instagram__media as (

    select
        media_id,
        view_count,
        reached_account_count,
        like_count,
        comment_count,
        share_count,
        save_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_instagram__media') }}

),

stg_instagram__stories as (

    select
        media_id,
        view_count,
        reached_account_count,
        share_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_instagram__stories') }}

),

readings as (

    select *
    from stg_instagram__media

    union all

    -- a story is not liked, commented on or saved; what is answered to it is a message
    select
        media_id,
        view_count,
        reached_account_count,
        cast(null as {{ dbt.type_bigint() }}) as like_count,
        cast(null as {{ dbt.type_bigint() }}) as comment_count,
        share_count,
        cast(null as {{ dbt.type_bigint() }}) as save_count,
        as_of,
        fetched_at
    from stg_instagram__stories

),

numbered as (

    select
        *,
        row_number() over (
            partition by media_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from readings

),

final as (

    -- views are no impressions: since 2025-04-21 those are not counted; nobody is told of clicks
    select
        'instagram' as system,
        'instagram' as platform,
        media_id as post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as impressions,
        reached_account_count as reach,
        like_count as likes,
        comment_count as comments,
        share_count as shares,
        save_count as saves,
        cast(null as {{ dbt.type_bigint() }}) as clicks,
        cast(null as {{ dbt.type_bigint() }}) as video_views,
        view_count as views,
        cast(null as {{ dbt.type_bigint() }}) as engaged_views
    from numbered
    where newest_of_day = 1

)

select
    {{ entity_select('post_metrics') }}
from final
