{{ config(materialized=kept_table()) }}
-- Posts that a system lists and posts that it only measures, each with its campaign.
with

int_posts__unioned as (

    select
        {{ entity_select('posts') }}
    from {{ ref('int_posts__unioned') }}
    {{ narrowed('int_posts__resolved', 'int_posts__unioned') }}

),

int_post_metrics__totalled as (

    select
        system,
        platform,
        post_id
    from {{ ref('int_post_metrics__totalled') }}
    {{ narrowed('int_posts__resolved', 'int_post_metrics__totalled') }}

),

int_campaigns__external_ids as (

    select
        source,
        external_id,
        campaign
    from {{ ref('int_campaigns__external_ids') }}

),

int_campaigns__named as (

    select
        name_key,
        campaign
    from {{ ref('int_campaigns__named') }}

),

int_campaigns__declared as (

    select
        campaign,
        goal,
        audience,
        message
    from {{ ref('int_campaigns__declared') }}

),

int_platforms__kinded as (

    select
        platform,
        channel_kind
    from {{ ref('int_platforms__kinded') }}

),

known as (

    select
        coalesce(posts.system, measured.system) as system,
        coalesce(posts.platform, measured.platform) as platform,
        coalesce(posts.post_id, measured.post_id) as post_id,
        posts.account_id,
        posts.published_at,
        posts.type,
        posts.text,
        posts.url,
        {{ text_or_null('posts.audience') }} as audience,
        {{ text_or_null('posts.message') }} as message,
        lower({{ url_parameter('posts.url', 'utm_campaign') }}) as url_campaign_key,
        {{ name_key('posts.campaign') }} as own_campaign_key
    from int_posts__unioned as posts
    full join int_post_metrics__totalled as measured
        on
            posts.system = measured.system
            and posts.platform = measured.platform
            and posts.post_id = measured.post_id

),

campaign_found as (

    select
        known.*,
        coalesce(
            url_named.campaign,
            known.url_campaign_key,
            by_system.campaign,
            by_platform.campaign,
            own_named.campaign,
            known.own_campaign_key,
            'unassigned'
        ) as campaign
    from known
    left join int_campaigns__named as url_named
        on known.url_campaign_key = url_named.name_key
    left join int_campaigns__named as own_named
        on known.own_campaign_key = own_named.name_key
    left join int_campaigns__external_ids as by_system
        on
            known.system = by_system.source
            and known.post_id = by_system.external_id
    left join int_campaigns__external_ids as by_platform
        on
            known.platform = by_platform.source
            and known.post_id = by_platform.external_id

),

final as (

    select
        posts.system,
        posts.platform,
        posts.post_id,
        posts.account_id,
        posts.published_at,
        posts.type,
        posts.text,
        posts.url,
        posts.campaign,
        coalesce(posts.audience, int_campaigns__declared.audience, 'unassigned') as audience,
        coalesce(posts.message, int_campaigns__declared.message, 'unassigned') as message,
        coalesce(int_platforms__kinded.channel_kind, 'unknown') as channel_kind,
        int_campaigns__declared.goal as campaign_goal
    from campaign_found as posts
    left join int_campaigns__declared
        on posts.campaign = int_campaigns__declared.campaign
    left join int_platforms__kinded
        on posts.platform = int_platforms__kinded.platform

)

select * from final
