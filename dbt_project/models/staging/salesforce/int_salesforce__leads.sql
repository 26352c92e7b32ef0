with

stg_salesforce__leads as (

    select
        lead_id,
        person,
        status,
        lead_source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        opportunity_id,
        is_converted,
        has_qualified_status,
        is_deleted,
        converted_on,
        created_at,
        modified_at
    from {{ ref('stg_salesforce__leads') }}

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

stg_salesforce__campaign_members as (

    select
        member_id,
        campaign_id,
        lead_id,
        created_at
    from {{ ref('stg_salesforce__campaign_members') }}
    where coalesce(is_deleted, false) = false

),

living as (

    -- A deleted lead that changed later was restored.
    select leads.*
    from stg_salesforce__leads as leads
    left join stg_salesforce__deleted_records as gone
        on
            leads.lead_id = gone.record_id
            and coalesce(leads.modified_at <= gone.deleted_at, true)
    where
        coalesce(leads.is_deleted, false) = false
        and gone.record_id is null

),

memberships as (

    -- A form makes lead and member at once; who is put on a list later came from elsewhere.
    select
        members.lead_id,
        campaigns.name as campaign,
        row_number() over (
            partition by members.lead_id
            order by members.created_at, members.member_id
        ) as number
    from stg_salesforce__campaign_members as members
    inner join living
        on members.lead_id = living.lead_id
    inner join stg_salesforce__campaigns as campaigns
        on members.campaign_id = campaigns.campaign_id
    where members.created_at < {{ dbt.dateadd('day', 1, 'living.created_at') }}

),

flagged as (

    select
        living.*,
        memberships.campaign,
        living.utm_source is not null or living.utm_campaign is not null as has_own_utm,
        lower(trim(living.status)) as status_key
    from living
    left join memberships
        on
            living.lead_id = memberships.lead_id
            and memberships.number = 1

),

final as (

    select
        'salesforce' as system,
        lead_id,
        created_at,
        person,
        lead_source as source,
        utm_source,
        utm_medium,
        case
            when has_own_utm then utm_campaign
            else campaign
        end as utm_campaign,
        utm_content,
        case
            when is_converted then true
            when has_qualified_status is not null then has_qualified_status
            when
                status_key in (
                    'qualified',
                    'marketing qualified',
                    'sales qualified',
                    'mql',
                    'sql',
                    'closed - converted',
                    'converted'
                )
                then true
            when
                status_key in (
                    'open - not contacted',
                    'working - contacted',
                    'closed - not converted',
                    'open',
                    'new',
                    'contacted',
                    'working',
                    'nurturing',
                    'unqualified',
                    'disqualified'
                )
                then false
        end as qualified,
        case
            when converted_on = {{ business_day('created_at') }} then created_at
            else {{ business_day_start('converted_on') }}
        end as qualified_at,
        opportunity_id as deal_id,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from flagged

)

select
    {{ entity_select('leads') }}
from final
