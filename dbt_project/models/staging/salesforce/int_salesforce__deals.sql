with

stg_salesforce__opportunities as (

    select
        opportunity_id,
        campaign_id,
        lead_source,
        currency,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        amount,
        is_closed,
        is_won,
        is_deleted,
        closes_on,
        created_at,
        modified_at
    from {{ ref('stg_salesforce__opportunities') }}

),

stg_salesforce__deleted_records as (

    select
        record_id,
        deleted_at
    from {{ ref('stg_salesforce__deleted_records') }}

),

stg_salesforce__campaigns as (

    select
        campaign_id,
        name
    from {{ ref('stg_salesforce__campaigns') }}

),

stg_salesforce__leads as (

    select
        lead_id,
        person,
        opportunity_id,
        contact_id,
        created_at
    from {{ ref('stg_salesforce__leads') }}
    where coalesce(is_deleted, false) = false

),

stg_salesforce__opportunity_contacts as (

    select
        opportunity_id,
        contact_id,
        is_primary,
        created_at
    from {{ ref('stg_salesforce__opportunity_contacts') }}
    where coalesce(is_deleted, false) = false

),

living as (

    -- A deleted opportunity that changed later was restored.
    select opportunities.*
    from stg_salesforce__opportunities as opportunities
    left join stg_salesforce__deleted_records as gone
        on
            opportunities.opportunity_id = gone.record_id
            and coalesce(opportunities.modified_at <= gone.deleted_at, true)
    where
        coalesce(opportunities.is_deleted, false) = false
        and gone.record_id is null

),

linked as (

    -- The lead that became this opportunity; what a customer buys later hangs on the contact that
    -- the lead became at its first one.
    select
        opportunity_id,
        lead_id,
        person,
        0 as distance,
        created_at as linked_at
    from stg_salesforce__leads
    where opportunity_id is not null

    union all

    select
        roles.opportunity_id,
        leads.lead_id,
        leads.person,
        case when roles.is_primary then 1 else 2 end as distance,
        roles.created_at as linked_at
    from stg_salesforce__opportunity_contacts as roles
    inner join stg_salesforce__leads as leads
        on roles.contact_id = leads.contact_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by opportunity_id
            order by distance, linked_at, lead_id
        ) as number
    from linked

),

flagged as (

    select
        living.*,
        ranked.lead_id,
        ranked.person,
        campaigns.name as campaign,
        living.utm_source is not null or living.utm_campaign is not null as has_own_utm
    from living
    left join ranked
        on
            living.opportunity_id = ranked.opportunity_id
            and ranked.number = 1
    left join stg_salesforce__campaigns as campaigns
        on living.campaign_id = campaigns.campaign_id

),

final as (

    -- Source and campaign are copied from the lead when it is converted. They are the deal's own
    -- only without one; with one, the lead's answer is taken further on.
    select
        'salesforce' as system,
        opportunity_id as deal_id,
        created_at,
        lead_id,
        person,
        lead_source as source,
        utm_source,
        utm_medium,
        case
            when has_own_utm then utm_campaign
            when lead_id is null then campaign
        end as utm_campaign,
        utm_content,
        is_won as won,
        case
            when is_closed and closes_on = {{ business_day('created_at') }} then created_at
            when is_closed then {{ business_day_start('closes_on') }}
        end as closed_at,
        amount,
        currency,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from flagged

)

select
    {{ entity_select('deals') }}
from final
