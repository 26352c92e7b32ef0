with

fct_ad_days as (

    select
        system,
        platform,
        ad_id,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal,
        clicks,
        day
    from {{ ref('fct_ad_days') }}
    where clicks is not null

),

fct_post_days as (

    select
        system,
        platform,
        post_id,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal,
        clicks,
        day
    from {{ ref('fct_post_days') }}
    where clicks is not null

),

final as (

    select
        {{ dbt.concat(["'ad|'", 'system', "'|'", 'platform', "'|'", 'ad_id']) }} as click_key,
        day as clicked_on,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal as goal,
        clicks
    from fct_ad_days

    union all

    select
        {{ dbt.concat(["'post|'", 'system', "'|'", 'platform', "'|'", 'post_id']) }} as click_key,
        day as clicked_on,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal as goal,
        clicks
    from fct_post_days

)

select * from final
