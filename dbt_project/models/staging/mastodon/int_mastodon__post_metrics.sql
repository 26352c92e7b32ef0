with

stg_mastodon__statuses as (

    select
        status_id,
        favourite_count,
        reblog_count,
        reply_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_mastodon__statuses') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by status_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_mastodon__statuses

),

final as (

    select
        'mastodon' as system,
        'mastodon' as platform,
        status_id as post_id,
        as_of,
        'lifetime' as basis,
        cast(null as {{ dbt.type_bigint() }}) as impressions,
        cast(null as {{ dbt.type_bigint() }}) as reach,
        favourite_count as likes,
        reply_count as comments,
        reblog_count as shares,
        cast(null as {{ dbt.type_bigint() }}) as saves,
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
