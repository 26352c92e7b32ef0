with

stg_hubspot__contacts as (

    select
        contact_id,
        person,
        lifecycle_stage,
        analytics_source,
        analytics_detail_1,
        analytics_detail_2,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        has_facebook_click,
        has_google_click,
        marketing_qualified_at,
        sales_qualified_at,
        opportunity_at,
        customer_at,
        created_at,
        modified_at
    from {{ ref('stg_hubspot__contacts') }}

),

stg_hubspot__contact_merges as (

    select loser_id
    from {{ ref('stg_hubspot__contact_merges') }}

),

stg_hubspot__contacts_archived as (

    select
        contact_id,
        archived_at
    from {{ ref('stg_hubspot__contacts_archived') }}

),

living as (

    -- A deleted contact that changed later was restored.
    select contacts.*
    from stg_hubspot__contacts as contacts
    left join stg_hubspot__contact_merges as gone
        on contacts.contact_id = gone.loser_id
    left join stg_hubspot__contacts_archived as archived
        on
            contacts.contact_id = archived.contact_id
            and coalesce(contacts.modified_at <= archived.archived_at, true)
    where
        gone.loser_id is null
        and archived.contact_id is null

),

flagged as (

    select
        *,
        analytics_source in ('PAID_SOCIAL', 'SOCIAL_MEDIA') as is_social,
        analytics_source = 'PAID_SOCIAL' and analytics_detail_2 is not null as is_ad_tool,
        utm_source is not null or utm_campaign is not null as has_own_utm
    from living

),

final as (

    -- Handed over: a click id names its platform; the ad tool names network and campaign, which
    -- count as a UTM above unless the contact has one of its own.
    select
        'hubspot' as system,
        contact_id as lead_id,
        created_at,
        person,
        case when is_social then analytics_detail_1 else analytics_source end as source,
        case
            when has_own_utm then utm_source
            when is_social and analytics_detail_2 is not null then analytics_detail_1
        end as utm_source,
        utm_medium,
        case
            when has_own_utm then utm_campaign
            when is_social then analytics_detail_2
        end as utm_campaign,
        utm_content,
        case
            when
                lifecycle_stage in (
                    'marketingqualifiedlead',
                    'salesqualifiedlead',
                    'opportunity',
                    'customer',
                    'evangelist'
                )
                then true
            when lifecycle_stage in ('subscriber', 'lead') then false
        end as qualified,
        least(marketing_qualified_at, sales_qualified_at, opportunity_at, customer_at)
            as qualified_at,
        cast(null as {{ dbt.type_string() }}) as deal_id,
        case
            when has_facebook_click then 'facebook'
            when has_google_click then 'google'
            when is_ad_tool then analytics_detail_1
        end as handed_platform,
        case
            when has_facebook_click or has_google_click then null
            when is_ad_tool then analytics_detail_2
        end as handed_campaign
    from flagged

)

select
    {{ entity_select('leads') }}
from final
