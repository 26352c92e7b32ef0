with

stg_instagram__media as (

    select
        media_id,
        account_id,
        caption,
        media_type,
        product_type,
        permalink,
        published_at,
        fetched_at
    from {{ ref('stg_instagram__media') }}

),

stg_instagram__stories as (

    select
        media_id,
        account_id,
        caption,
        media_type,
        product_type,
        permalink,
        published_at,
        fetched_at
    from {{ ref('stg_instagram__stories') }}

),

published as (

    select *
    from stg_instagram__media

    union all

    select *
    from stg_instagram__stories

),

numbered as (

    select
        *,
        row_number() over (
            partition by media_id
            order by fetched_at desc
        ) as newest
    from published

),

final as (

    -- url: a link with a campaign in the caption, where it is text; else the medium's own page.
    select
        'instagram' as system,
        'instagram' as platform,
        media_id as post_id,
        account_id,
        published_at,
        case
            when product_type = 'STORY' then 'story'
            when product_type = 'REELS' then 'reel'
            when media_type = 'CAROUSEL_ALBUM' then 'album'
            else lower(media_type)
        end as type,
        caption as text,
        coalesce({{ tagged_link('caption') }}, permalink) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from numbered
    where newest = 1

)

select
    {{ entity_select('posts') }}
from final
