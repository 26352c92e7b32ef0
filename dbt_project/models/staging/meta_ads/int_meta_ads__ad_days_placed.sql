{#- What Meta itself calls the campaign of a boosted post, and an ad set that nobody named. -#}
{%- set boosted = ['post:%', 'instagram post:%', '[%] promoting %'] -%}
with

stg_meta_ads__ad_days as (

    select
        ad_id,
        metric_date,
        publisher_platform,
        {{ meta_platform('publisher_platform') }} as platform,
        campaign_id,
        campaign_name,
        ad_set_id,
        ad_set_name,
        currency,
        impression_count,
        link_click_count,
        spend
    from {{ ref('stg_meta_ads__ad_days') }}

),

named as (

    -- The lists know today's names; another tool may have loaded none of them.
    select
        days.ad_id,
        days.metric_date,
        days.publisher_platform,
        days.platform,
        coalesce(on_facebook.campaign, on_instagram.campaign) as declared,
        coalesce(campaigns.campaign_name, days.campaign_name) as campaign_name,
        coalesce(ad_sets.ad_set_name, days.ad_set_name) as ad_set_name,
        days.currency,
        days.impression_count,
        days.link_click_count,
        days.spend
    from stg_meta_ads__ad_days as days
    left join {{ ref('stg_meta_ads__ads') }} as ads
        on days.ad_id = ads.ad_id
    left join {{ ref('stg_meta_ads__campaigns') }} as campaigns
        on coalesce(ads.campaign_id, days.campaign_id) = campaigns.campaign_id
    left join {{ ref('stg_meta_ads__ad_sets') }} as ad_sets
        on coalesce(ads.ad_set_id, days.ad_set_id) = ad_sets.ad_set_id
    left join {{ ref('int_campaigns__external_ids') }} as on_facebook
        on
            ads.facebook_post_id = on_facebook.external_id
            and on_facebook.source = 'facebook'
    left join {{ ref('int_campaigns__external_ids') }} as on_instagram
        on
            ads.instagram_post_id = on_instagram.external_id
            and on_instagram.source = 'instagram'

),

recognised as (

    select
        named.*,
        {%- for pattern in boosted %}
        {{ 'or ' if not loop.first }}coalesce(lower(campaign_name) like '{{ pattern }}', false)
        {%- endfor %} as is_boosted,
        coalesce(lower(ad_set_name) like 'new % ad set', false) as is_unnamed
    from named

)

select
    ad_id,
    metric_date,
    publisher_platform,
    platform,
    coalesce(declared, case when not is_boosted then campaign_name end) as campaign,
    case
        when not is_boosted and not is_unnamed
            then nullif(ad_set_name, campaign_name)
    end as audience,
    currency,
    impression_count,
    link_click_count,
    spend
from recognised
