with

stg_tiktok_ads__ad_days as (

    select
        ad_id,
        advertiser_id,
        metric_date,
        campaign_id,
        campaign_name,
        ad_group_id,
        ad_group_name,
        impression_count,
        click_count,
        spend,
        conversion_count,
        form_count
    from {{ ref('stg_tiktok_ads__ad_days') }}

),

named as (

    -- The lists know today's names; a Smart+ ad stands in none of them, only in the report.
    select
        days.ad_id,
        days.metric_date,
        days.impression_count,
        days.click_count,
        days.spend,
        days.conversion_count,
        days.form_count,
        advertisers.currency,
        ad_groups.click_window,
        ad_groups.view_window,
        coalesce(declared.campaign, campaigns.campaign_name, days.campaign_name) as campaign,
        coalesce(ad_groups.ad_group_name, days.ad_group_name) as ad_group_name
    from stg_tiktok_ads__ad_days as days
    left join {{ ref('stg_tiktok_ads__ads') }} as ads
        on days.ad_id = ads.ad_id
    left join {{ ref('stg_tiktok_ads__ad_groups') }} as ad_groups
        on coalesce(ads.ad_group_id, days.ad_group_id) = ad_groups.ad_group_id
    left join {{ ref('stg_tiktok_ads__campaigns') }} as campaigns
        on coalesce(ads.campaign_id, days.campaign_id) = campaigns.campaign_id
    left join {{ ref('stg_tiktok_ads__advertisers') }} as advertisers
        on days.advertiser_id = advertisers.advertiser_id
    left join {{ ref('int_campaigns__external_ids') }} as declared
        on
            ads.post_id = declared.external_id
            and declared.source = 'tiktok'

)

select
    ad_id,
    metric_date,
    campaign,
    -- TikTok calls an ad group "Ad group" and the time where nobody gave it a name.
    case
        when lower(ad_group_name) not like 'ad group%' then nullif(ad_group_name, campaign)
    end as audience,
    impression_count,
    click_count,
    spend,
    conversion_count,
    form_count,
    currency,
    click_window,
    view_window
from named
