with

stg_linkedin_ads__ad_days as (

    select
        creative_id,
        account_id,
        metric_date,
        impression_count,
        click_count,
        spend,
        lead_count,
        conversion_count
    from {{ ref('stg_linkedin_ads__ad_days') }}

),

placed as (

    -- A sponsored post belongs to the campaign that campaigns.csv declares for the post.
    select
        creatives.creative_id,
        campaigns.campaign_name as own_name,
        coalesce(
            declared.campaign,
            nullif(campaign_groups.campaign_group_name, 'Default Campaign Group'),
            campaigns.campaign_name
        ) as campaign
    from {{ ref('stg_linkedin_ads__creatives') }} as creatives
    left join {{ ref('stg_linkedin_ads__campaigns') }} as campaigns
        on creatives.campaign_id = campaigns.campaign_id
    left join {{ ref('stg_linkedin_ads__campaign_groups') }} as campaign_groups
        on campaigns.campaign_group_id = campaign_groups.campaign_group_id
    left join {{ ref('int_campaigns__external_ids') }} as declared
        on
            creatives.post_id = declared.external_id
            and declared.source = 'linkedin'

),

stg_linkedin_ads__accounts as (

    select
        account_id,
        currency
    from {{ ref('stg_linkedin_ads__accounts') }}

),

final as (

    select
        'linkedin_ads' as system,
        'linkedin' as platform,
        days.creative_id as ad_id,
        days.metric_date as date,
        placed.campaign,
        nullif(placed.own_name, placed.campaign) as audience,
        cast(null as {{ dbt.type_string() }}) as message,
        days.impression_count as impressions,
        days.click_count as clicks,
        days.spend,
        accounts.currency,
        days.lead_count as leads,
        days.conversion_count as conversions
    from stg_linkedin_ads__ad_days as days
    left join placed
        on days.creative_id = placed.creative_id
    left join stg_linkedin_ads__accounts as accounts
        on days.account_id = accounts.account_id

)

select
    {{ entity_select('ad_performance') }}
from final
