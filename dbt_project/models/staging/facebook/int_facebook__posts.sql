with

stg_facebook__posts as (

    select
        post_id,
        page_id,
        message,
        permalink,
        media_type,
        link,
        published_at,
        row_number() over (
            partition by post_id
            order by fetched_at desc
        ) as newest
    from {{ ref('stg_facebook__posts') }}

),

final as (

    -- url: the link that the post carries, because campaigns are read from it; else its own page.
    select
        'facebook' as system,
        'facebook' as platform,
        post_id,
        page_id as account_id,
        published_at,
        case
            when media_type is null then 'text'
            when media_type = 'photo' then 'image'
            when media_type = 'link' then 'article'
            else media_type
        end as type,
        message as text,
        coalesce(
            case when media_type = 'link' then link end,
            {{ tagged_link('message') }},
            permalink
        ) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_facebook__posts
    where newest = 1

)

select
    {{ entity_select('posts') }}
from final
