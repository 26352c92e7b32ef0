with

stg_mastodon__statuses as (

    select
        status_id,
        account_id,
        text,
        url,
        media_type,
        published_at,
        row_number() over (
            partition by status_id
            order by fetched_at desc
        ) as newest
    from {{ ref('stg_mastodon__statuses') }}

),

final as (

    -- url: the link that the post carries, because campaigns are read from it; else its own page.
    select
        'mastodon' as system,
        'mastodon' as platform,
        status_id as post_id,
        account_id,
        published_at,
        case
            when media_type is null then 'text'
            when media_type = 'gifv' then 'video'
            else media_type
        end as type,
        text,
        coalesce({{ tagged_link('text') }}, url) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_mastodon__statuses
    where newest = 1

)

select
    {{ entity_select('posts') }}
from final
