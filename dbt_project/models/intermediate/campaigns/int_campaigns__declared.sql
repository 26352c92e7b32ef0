{{ config(materialized='table') }}

with

stg_company__campaigns as (

    select
        campaign,
        goal,
        department,
        platform,
        audience,
        message,
        starts,
        ends,
        utm_campaign,
        external_ids
    from {{ ref('stg_company__campaigns') }}

),

int_names__resolved as (

    select
        name_key,
        platform,
        channel_kind
    from {{ ref('int_names__resolved') }}
    where system = 'company'

),

numbered as (

    -- Two spellings of one name are one campaign.
    select
        {{ text_or_null('campaign') }} as campaign,
        {{ name_key('campaign') }} as campaign_key,
        {{ name_key('goal') }} as goal,
        {{ text_or_null('department') }} as department,
        {{ name_key('platform') }} as platform_key,
        {{ text_or_null('audience') }} as audience,
        {{ text_or_null('message') }} as message,
        {{ name_key('utm_campaign') }} as utm_campaign_key,
        external_ids,
        starts,
        ends,
        row_number() over (partition by {{ name_key('campaign') }} order by campaign) as spelling
    from stg_company__campaigns

),

final as (

    select
        numbered.campaign,
        numbered.campaign_key,
        numbered.goal,
        numbered.department,
        int_names__resolved.platform,
        int_names__resolved.channel_kind,
        numbered.audience,
        numbered.message,
        numbered.utm_campaign_key,
        numbered.external_ids,
        numbered.starts,
        numbered.ends
    from numbered
    left join int_names__resolved
        on numbered.platform_key = int_names__resolved.name_key
    where numbered.spelling = 1

)

select * from final
