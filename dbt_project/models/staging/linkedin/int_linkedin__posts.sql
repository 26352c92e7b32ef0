{%- set tagged_link = "'(https?://[^[:space:]<>\"()]*[?&]utm_campaign=[^[:space:]<>\"()]+)'" -%}
with

stg_linkedin__posts as (

    select
        post_id,
        account_id,
        text,
        lifecycle_state,
        content_kind,
        media_id,
        article_url,
        landing_page_url,
        published_at
    from {{ ref('stg_linkedin__posts') }}

),

final as (

    -- url: the link that the post carries, because campaigns are read from it; else its own page.
    select
        'linkedin' as system,
        'linkedin' as platform,
        post_id,
        account_id,
        published_at,
        case
            when content_kind is null then 'text'
            when content_kind = 'multiImage' or media_id like 'urn:li:image:%' then 'image'
            when media_id like 'urn:li:video:%' then 'video'
            when media_id like 'urn:li:document:%' then 'document'
            else content_kind
        end as type,
        text,
        coalesce(
            article_url,
            landing_page_url,
            nullif(regexp_extract(text, {{ tagged_link }}, 1), ''),
            {{ dbt.concat(["'https://www.linkedin.com/feed/update/'", 'post_id']) }}
        ) as url,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message
    from stg_linkedin__posts
    where
        lifecycle_state = 'PUBLISHED'
        and published_at is not null

)

select
    {{ entity_select('posts') }}
from final
