with

stg_lever__opportunities as (

    select
        opportunity_id,
        person,
        posting_id,
        stage_id,
        origin,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        archive_reason_id,
        is_anonymized,
        archived_at,
        applied_at
    from {{ ref('stg_lever__opportunities') }}

),

stg_lever__stage_changes as (

    select
        opportunity_id,
        stage_id,
        entered_at
    from {{ ref('stg_lever__stage_changes') }}

),

stg_lever__stages as (

    select
        stage_id,
        stage_name,
        phase
    from {{ ref('stg_lever__stages') }}

),

stg_lever__archive_reasons as (

    select
        archive_reason_id,
        reason_type
    from {{ ref('stg_lever__archive_reasons') }}

),

stg_lever__deleted_opportunities as (

    select opportunity_id
    from {{ ref('stg_lever__deleted_opportunities') }}

),

applied as (

    -- A lead was found and did not apply: it stands in a lead stage, archived or not.
    select
        opportunities.*,
        stages.stage_name,
        case
            when opportunities.archive_reason_id is null then 'open'
            else reasons.reason_type
        end as outcome
    from stg_lever__opportunities as opportunities
    left join stg_lever__stages as stages
        on opportunities.stage_id = stages.stage_id
    left join stg_lever__archive_reasons as reasons
        on opportunities.archive_reason_id = reasons.archive_reason_id
    left join stg_lever__deleted_opportunities as gone
        on opportunities.opportunity_id = gone.opportunity_id
    where
        gone.opportunity_id is null
        and coalesce(stages.phase, '') <> 'lead'

),

entered as (

    select
        entries.opportunity_id,
        min(case when stages.phase in ('process', 'offer') then entries.entered_at end)
            as passed_at,
        min(
            case
                when stages.phase = 'process' and lower(stages.stage_name) like '%interview%'
                    then entries.entered_at
            end
        ) as interviewed_at,
        max(case when stages.phase = 'offer' then entries.entered_at end) as offered_at
    from stg_lever__stage_changes as entries
    inner join stg_lever__stages as stages
        on entries.stage_id = stages.stage_id
    group by entries.opportunity_id

),

final as (

    -- qualified: went beyond the entry or is hired; NULL without any known stage. An origin that
    -- names somebody stands in for a missing source; internal says that a person of the company
    -- moves.
    select
        'lever' as system,
        applied.opportunity_id as application_id,
        applied.applied_at,
        case when not coalesce(applied.is_anonymized, false) then applied.person end as person,
        applied.posting_id as job_id,
        case
            when applied.origin = 'internal' then 'Internal applicant'
            when applied.source is not null then applied.source
            when applied.origin in ('agency', 'referred', 'university') then applied.origin
        end as source,
        applied.utm_source,
        applied.utm_medium,
        applied.utm_campaign,
        applied.utm_content,
        case when applied.outcome = 'open' then applied.stage_name else applied.outcome end
            as status,
        case
            when entered.passed_at is not null or applied.outcome = 'hired' then true
            when entered.opportunity_id is not null then false
        end as qualified,
        case
            when applied.outcome = 'hired' then coalesce(entered.passed_at, applied.archived_at)
            else entered.passed_at
        end as qualified_at,
        entered.interviewed_at,
        entered.offered_at,
        applied.outcome = 'hired' as hired,
        case when applied.outcome = 'hired' then applied.archived_at end as hired_at,
        case when applied.outcome = 'non-hired' then applied.archived_at end as rejected_at,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from applied
    left join entered
        on applied.opportunity_id = entered.opportunity_id

)

select
    {{ entity_select('applications') }}
from final
