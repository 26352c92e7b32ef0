{%- set qualified = (
    "('marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist')"
) -%}
{%- set unqualified = "('subscriber', 'lead')" -%}

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

stg_hubspot__contact_stage_changes as (

    select
        contact_id,
        lifecycle_stage,
        entered_at
    from {{ ref('stg_hubspot__contact_stage_changes') }}

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

fallen_back as (

    select
        contact_id,
        max(entered_at) as fallen_at
    from stg_hubspot__contact_stage_changes
    where lifecycle_stage in {{ unqualified }}
    group by contact_id

),

risen as (

    -- A contact that was set back is qualified since it rose again.
    select
        changes.contact_id,
        min(changes.entered_at) as risen_at
    from stg_hubspot__contact_stage_changes as changes
    left join fallen_back
        on changes.contact_id = fallen_back.contact_id
    where
        changes.lifecycle_stage in {{ qualified }}
        and coalesce(changes.entered_at > fallen_back.fallen_at, true)
    group by changes.contact_id

),

flagged as (

    select
        living.*,
        risen.risen_at,
        case
            when living.lifecycle_stage in {{ qualified }} then true
            when living.lifecycle_stage in {{ unqualified }} then false
        end as is_qualified,
        analytics_source in ('PAID_SOCIAL', 'SOCIAL_MEDIA') as is_social,
        analytics_source = 'PAID_SOCIAL' and analytics_detail_2 is not null as is_ad_tool,
        utm_source is not null or utm_campaign is not null as has_own_utm
    from living
    left join risen
        on living.contact_id = risen.contact_id

),

final as (

    -- Qualified_at: by the history of the stage; where there is none, by the first of the
    -- platform's own dates, which a contact that was set back keeps.
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
        is_qualified as qualified,
        case
            when is_qualified or is_qualified is null
                then
                    coalesce(
                        risen_at,
                        least(
                            marketing_qualified_at,
                            sales_qualified_at,
                            opportunity_at,
                            customer_at
                        )
                    )
        end as qualified_at,
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
