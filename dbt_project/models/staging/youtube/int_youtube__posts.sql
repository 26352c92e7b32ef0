with

stg_youtube__videos as (

    select
        video_id,
        channel_id,
        title,
        description,
        published_at
    from {{ ref('stg_youtube__videos') }}
    where not ({{ is_youtube_draft() }})

),

final as (

    -- url: the link that the video carries, because campaigns are read from it; else its own page.
    select
        'youtube' as system,
        'youtube' as platform,
        video_id as post_id,
        channel_id as account_id,
        published_at,
        'video' as type,
        coalesce({{ dbt.concat(['title', "'\n'", 'description']) }}, title, description) as text,
        coalesce(
            {{ tagged_link('description') }},
            {{ dbt.concat(["'https://www.youtube.com/watch?v='", 'video_id']) }}
        ) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_youtube__videos

)

select
    {{ entity_select('posts') }}
from final
