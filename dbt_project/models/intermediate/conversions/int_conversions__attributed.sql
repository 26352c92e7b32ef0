{{ config(materialized=kept_table()) }}

-- The five rules of attribution. The first that answers decides platform, campaign and kind.
with

int_conversions__unioned as (

    select
        conversion_kind,
        system,
        conversion_id,
        utm_source_key,
        utm_campaign_key,
        handed_platform_key,
        handed_campaign_key,
        source_key
    from {{ ref('int_conversions__unioned') }}
    {{ narrowed('int_conversions__attributed', 'int_conversions__unioned') }}

),

int_names__resolved as (

    select
        system,
        name_key,
        mapped_platform,
        mapped_kind,
        platform,
        channel_kind
    from {{ ref('int_names__resolved') }}

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
        platform,
        channel_kind,
        audience,
        message
    from {{ ref('int_campaigns__declared') }}

),

int_conversions__last_touched as (

    select
        conversion_kind,
        system,
        conversion_id,
        touch_id,
        platform,
        campaign,
        channel_kind
    from {{ ref('int_conversions__last_touched') }}

),

int_deals__lead_linked as (

    select
        system,
        deal_id,
        lead_id
    from {{ ref('int_deals__lead_linked') }}

),

campaigns as (

    select
        int_campaigns__named.name_key,
        int_campaigns__named.campaign,
        int_campaigns__declared.platform,
        int_campaigns__declared.channel_kind
    from int_campaigns__named
    inner join int_campaigns__declared
        on int_campaigns__named.campaign = int_campaigns__declared.campaign

),

ruled as (

    select
        conversions.conversion_kind,
        conversions.system,
        conversions.conversion_id,
        conversions.utm_campaign_key,
        conversions.handed_campaign_key,
        utm.mapped_platform as utm_platform,
        utm.mapped_kind as utm_kind,
        handed.platform as handed_platform,
        handed.channel_kind as handed_kind,
        touches.platform as touch_platform,
        touches.campaign as touch_campaign,
        touches.channel_kind as touch_kind,
        own_source.mapped_platform as source_platform,
        own_source.mapped_kind as source_kind,
        case
            when conversions.utm_campaign_key is not null then 1
            when utm.mapped_platform is not null then 1
            when conversions.handed_platform_key is not null then 2
            when conversions.handed_campaign_key is not null then 2
            when touches.touch_id is not null then 3
            when own_source.mapped_platform is not null then 4
            else 5
        end as attribution_rule
    from int_conversions__unioned as conversions
    left join int_names__resolved as utm
        on
            conversions.system = utm.system
            and conversions.utm_source_key = utm.name_key
    left join int_names__resolved as handed
        on
            conversions.system = handed.system
            and conversions.handed_platform_key = handed.name_key
    left join int_names__resolved as own_source
        on
            conversions.system = own_source.system
            and conversions.source_key = own_source.name_key
    left join int_conversions__last_touched as touches
        on
            conversions.conversion_kind = touches.conversion_kind
            and conversions.system = touches.system
            and conversions.conversion_id = touches.conversion_id

),

answered as (

    select
        ruled.conversion_kind,
        ruled.system,
        ruled.conversion_id,
        ruled.attribution_rule,
        case ruled.attribution_rule
            when 1 then coalesce(ruled.utm_platform, utm_campaigns.platform)
            when 2 then coalesce(ruled.handed_platform, handed_campaigns.platform)
            when 3 then ruled.touch_platform
            when 4 then ruled.source_platform
        end as platform,
        case ruled.attribution_rule
            when 1 then coalesce(utm_campaigns.campaign, ruled.utm_campaign_key)
            when 2 then coalesce(handed_campaigns.campaign, ruled.handed_campaign_key)
            when 3 then ruled.touch_campaign
        end as campaign,
        case ruled.attribution_rule
            when 1 then coalesce(ruled.utm_kind, utm_campaigns.channel_kind)
            when 2 then coalesce(ruled.handed_kind, handed_campaigns.channel_kind)
            when 3 then ruled.touch_kind
            when 4 then ruled.source_kind
        end as channel_kind
    from ruled
    left join campaigns as utm_campaigns
        on ruled.utm_campaign_key = utm_campaigns.name_key
    left join campaigns as handed_campaigns
        on ruled.handed_campaign_key = handed_campaigns.name_key

),

taken_from_leads as (

    -- A deal that says nothing itself takes its lead's answer, an unattributed one too.
    select
        answered.conversion_kind,
        answered.system,
        answered.conversion_id,
        case
            when leads.conversion_id is not null then 2
            else answered.attribution_rule
        end as attribution_rule,
        case
            when leads.conversion_id is not null then leads.platform
            else answered.platform
        end as platform,
        case
            when leads.conversion_id is not null then leads.campaign
            else answered.campaign
        end as campaign,
        case
            when leads.conversion_id is not null then leads.channel_kind
            else answered.channel_kind
        end as channel_kind
    from answered
    left join int_deals__lead_linked
        on
            answered.conversion_kind = 'deal'
            and answered.attribution_rule > 2
            and answered.system = int_deals__lead_linked.system
            and answered.conversion_id = int_deals__lead_linked.deal_id
    left join answered as leads
        on
            leads.conversion_kind = 'lead'
            and int_deals__lead_linked.system = leads.system
            and int_deals__lead_linked.lead_id = leads.conversion_id

),

final as (

    select
        taken_from_leads.conversion_kind,
        taken_from_leads.system,
        taken_from_leads.conversion_id,
        cast(taken_from_leads.attribution_rule as {{ dbt.type_bigint() }}) as attribution_rule,
        coalesce(taken_from_leads.platform, 'unattributed') as platform,
        coalesce(taken_from_leads.campaign, 'unassigned') as campaign,
        coalesce(int_campaigns__declared.audience, 'unassigned') as audience,
        coalesce(int_campaigns__declared.message, 'unassigned') as message,
        coalesce(taken_from_leads.channel_kind, 'unknown') as channel_kind,
        int_campaigns__declared.goal as campaign_goal
    from taken_from_leads
    left join int_campaigns__declared
        on taken_from_leads.campaign = int_campaigns__declared.campaign

)

select * from final
