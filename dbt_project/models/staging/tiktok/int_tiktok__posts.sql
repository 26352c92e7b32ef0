with

stg_tiktok__videos as (

    select
        video_id,
        account_id,
        caption,
        share_url,
        upper(media_type) as media_type,
        published_at,
        row_number() over (
            partition by video_id
            order by fetched_at desc
        ) as newest
    from {{ ref('stg_tiktok__videos') }}

),

final as (

    -- url: the link that the caption carries, as campaigns are read from it; else its own page.
    select
        'tiktok' as system,
        'tiktok' as platform,
        video_id as post_id,
        account_id,
        published_at,
        case when media_type = 'PHOTO' then 'image' else 'video' end as type,
        caption as text,
        coalesce({{ tagged_link('caption') }}, share_url) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_tiktok__videos
    where newest = 1

)

select
    {{ entity_select('posts') }}
from final
