with

stg_linkedin__post_statistics as (

    select
        post_id,
        account_id,
        impression_count,
        unique_impression_count,
        click_count,
        like_count,
        comment_count,
        share_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_linkedin__post_statistics') }}

),

stg_linkedin__post_statistics_daily as (

    select
        post_id,
        account_id,
        impression_count,
        unique_impression_count,
        click_count,
        like_count,
        comment_count,
        share_count,
        metric_date
    from {{ ref('stg_linkedin__post_statistics_daily') }}

),

counted_by_day as (

    select distinct account_id
    from stg_linkedin__post_statistics_daily

),

readings as (

    select
        *,
        row_number() over (
            partition by post_id, as_of
            order by fetched_at desc
        ) as newest_of_day,
        row_number() over (
            partition by post_id
            order by fetched_at desc
        ) as newest
    from stg_linkedin__post_statistics

),

chosen as (

    -- A reading of the night holds the day before. Where the platform counts the days itself, the
    -- growth between readings would count them twice: only the newest total is passed on.
    select readings.*
    from readings
    left join counted_by_day
        on readings.account_id = counted_by_day.account_id
    where
        readings.newest_of_day = 1
        and (counted_by_day.account_id is null or readings.newest = 1)

),

metrics as (

    select
        post_id,
        as_of,
        'lifetime' as basis,
        impression_count,
        unique_impression_count,
        like_count,
        comment_count,
        share_count,
        click_count
    from chosen

    union all

    select
        post_id,
        metric_date as as_of,
        'daily' as basis,
        impression_count,
        unique_impression_count,
        like_count,
        comment_count,
        share_count,
        click_count
    from stg_linkedin__post_statistics_daily

),

final as (

    select
        'linkedin' as system,
        'linkedin' as platform,
        post_id,
        as_of,
        basis,
        impression_count as impressions,
        unique_impression_count as reach,
        like_count as likes,
        comment_count as comments,
        share_count as shares,
        cast(null as {{ dbt.type_bigint() }}) as saves,
        click_count as clicks,
        cast(null as {{ dbt.type_bigint() }}) as video_views,
        cast(null as {{ dbt.type_bigint() }}) as views,
        cast(null as {{ dbt.type_bigint() }}) as engaged_views
    from metrics

)

select
    {{ entity_select('post_metrics') }}
from final
