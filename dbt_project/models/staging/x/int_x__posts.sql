with

stg_x__posts as (

    select
        post_id,
        account_id,
        text,
        media_type,
        published_at,
        row_number() over (
            partition by post_id
            order by fetched_at desc
        ) as newest
    from {{ ref('stg_x__posts') }}

),

final as (

    -- url: the link that the post carries, because campaigns are read from it; else its own page.
    select
        'x' as system,
        'x' as platform,
        post_id,
        account_id,
        published_at,
        case
            when media_type = 'photo' then 'image'
            when media_type in ('video', 'animated_gif') then 'video'
            else coalesce(media_type, 'text')
        end as type,
        text,
        coalesce(
            {{ tagged_link('text') }},
            {{ dbt.concat(["'https://x.com/i/status/'", 'post_id']) }}
        ) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_x__posts
    where newest = 1

)

select
    {{ entity_select('posts') }}
from final
