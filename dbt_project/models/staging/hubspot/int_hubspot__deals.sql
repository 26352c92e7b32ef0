with

stg_hubspot__deals as (

    select
        deal_id,
        contact_id,
        pipeline_id,
        stage_id,
        currency,
        analytics_source,
        analytics_detail_1,
        analytics_detail_2,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        amount,
        is_closed,
        is_won,
        closes_at,
        created_at,
        modified_at
    from {{ ref('stg_hubspot__deals') }}

),

stg_hubspot__deal_stages as (

    select
        pipeline_id,
        stage_id,
        probability,
        is_closed
    from {{ ref('stg_hubspot__deal_stages') }}

),

stg_hubspot__deal_merges as (

    select loser_id
    from {{ ref('stg_hubspot__deal_merges') }}

),

stg_hubspot__deals_archived as (

    select
        deal_id,
        archived_at
    from {{ ref('stg_hubspot__deals_archived') }}

),

stg_hubspot__contact_merges as (

    select
        loser_id,
        winner_id
    from {{ ref('stg_hubspot__contact_merges') }}

),

stg_hubspot__contacts as (

    select
        contact_id,
        person
    from {{ ref('stg_hubspot__contacts') }}

),

living as (

    -- A deleted deal that changed later was restored.
    select deals.*
    from stg_hubspot__deals as deals
    left join stg_hubspot__deal_merges as gone
        on deals.deal_id = gone.loser_id
    left join stg_hubspot__deals_archived as archived
        on
            deals.deal_id = archived.deal_id
            and coalesce(deals.modified_at <= archived.archived_at, true)
    where
        gone.loser_id is null
        and archived.deal_id is null

),

judged as (

    -- The flags of the deal; where it has none, what its stage means.
    select
        living.*,
        coalesce(contact_merges.winner_id, living.contact_id) as lead_id,
        coalesce(living.is_closed, stages.is_closed) as has_closed,
        coalesce(living.is_won, stages.is_closed and stages.probability = 1) as has_won,
        living.analytics_source in ('PAID_SOCIAL', 'SOCIAL_MEDIA') as is_social,
        living.utm_source is not null or living.utm_campaign is not null as has_own_utm
    from living
    left join stg_hubspot__deal_stages as stages
        on
            living.pipeline_id = stages.pipeline_id
            and living.stage_id = stages.stage_id
    left join stg_hubspot__contact_merges as contact_merges
        on living.contact_id = contact_merges.loser_id

),

final as (

    -- The platform copies a deal's origin from its contact. It is the deal's own only without one;
    -- with one, the lead's answer is taken further on.
    select
        'hubspot' as system,
        judged.deal_id,
        judged.created_at,
        judged.lead_id,
        stg_hubspot__contacts.person,
        case
            when judged.is_social then judged.analytics_detail_1
            else judged.analytics_source
        end as source,
        case
            when judged.has_own_utm then judged.utm_source
            when
                judged.is_social
                and judged.lead_id is null
                and judged.analytics_detail_2 is not null
                then judged.analytics_detail_1
        end as utm_source,
        judged.utm_medium,
        case
            when judged.has_own_utm then judged.utm_campaign
            when judged.is_social and judged.lead_id is null then judged.analytics_detail_2
        end as utm_campaign,
        judged.utm_content,
        judged.has_won as won,
        case when judged.has_closed then judged.closes_at end as closed_at,
        judged.amount,
        judged.currency,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from judged
    left join stg_hubspot__contacts
        on judged.lead_id = stg_hubspot__contacts.contact_id

)

select
    {{ entity_select('deals') }}
from final
