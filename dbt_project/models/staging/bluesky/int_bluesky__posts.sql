with

stg_bluesky__posts as (

    select
        post_id,
        account_id,
        text,
        link_url,
        embed_type,
        {{ bluesky_published_at() }} as published_at,
        row_number() over (
            partition by post_id
            order by fetched_at desc
        ) as newest
    from {{ ref('stg_bluesky__posts') }}

),

final as (

    -- url: the link that the post carries, because campaigns are read from it; else its own page.
    select
        'bluesky' as system,
        'bluesky' as platform,
        post_id,
        account_id,
        published_at,
        case
            when embed_type like '%.video%' then 'video'
            when embed_type like '%.images%' or embed_type like '%.gallery%' then 'image'
            when embed_type like '%.external%' then 'link'
            when embed_type like '%.record%' then 'quote'
            else 'text'
        end as type,
        text,
        coalesce(
            link_url,
            {{ tagged_link('text') }},
            replace(
                replace(post_id, 'at://', 'https://bsky.app/profile/'),
                '/app.bsky.feed.post/',
                '/post/'
            )
        ) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_bluesky__posts
    where newest = 1

)

select
    {{ entity_select('posts') }}
from final
