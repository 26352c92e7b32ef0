with

stg_greenhouse__applications as (

    select
        application_id,
        candidate_pid,
        job_id,
        source_id,
        status,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        is_prospect,
        created_at,
        rejected_at,
        fetched_at
    from {{ ref('stg_greenhouse__applications') }}

),

stg_greenhouse__application_stages as (

    select
        application_id,
        job_interview_stage_id,
        entered_at
    from {{ ref('stg_greenhouse__application_stages') }}

),

stg_greenhouse__job_interview_stages as (

    select
        job_interview_stage_id,
        stage_name,
        sort_order
    from {{ ref('stg_greenhouse__job_interview_stages') }}

),

stg_greenhouse__offers as (

    select
        offer_id,
        application_id,
        status,
        version,
        sent_on,
        resolved_at,
        created_at
    from {{ ref('stg_greenhouse__offers') }}

),

stg_greenhouse__sources as (

    select
        source_id,
        source_name
    from {{ ref('stg_greenhouse__sources') }}

),

stg_greenhouse__candidates as (

    select
        candidate_pid,
        person
    from {{ ref('stg_greenhouse__candidates') }}

),

stg_greenhouse__openings as (

    select
        application_id,
        closed_at
    from {{ ref('stg_greenhouse__openings') }}

),

applied as (

    -- Prospects were found and did not apply; a converted one has an application of its own.
    select *
    from stg_greenhouse__applications
    where
        not coalesce(is_prospect, false)
        and coalesce(status, '') <> 'converted'
        and not {{ is_deleted_in_greenhouse() }}

),

entered as (

    select
        entries.application_id,
        max(stages.sort_order) as furthest_stage,
        min(case when stages.sort_order >= 1 then entries.entered_at end) as second_stage_at,
        min(case when lower(stages.stage_name) like '%interview%' then entries.entered_at end)
            as interviewed_at
    from stg_greenhouse__application_stages as entries
    inner join stg_greenhouse__job_interview_stages as stages
        on entries.job_interview_stage_id = stages.job_interview_stage_id
    group by entries.application_id

),

numbered_offers as (

    select
        application_id,
        case
            when sent_on is null then created_at
            when sent_on = {{ business_day('created_at') }} then created_at
            else {{ business_day_start('sent_on') }}
        end as offered_at,
        case when lower(status) = 'accepted' then resolved_at end as accepted_at,
        row_number() over (
            partition by application_id
            order by version desc, offer_id desc
        ) as newest_first
    from stg_greenhouse__offers
    where coalesce(lower(status), '') <> 'deprecated'

),

offered as (

    select
        application_id,
        offered_at,
        accepted_at
    from numbered_offers
    where newest_first = 1

),

filled as (

    select
        application_id,
        max(closed_at) as closed_at
    from stg_greenhouse__openings
    where application_id is not null
    group by application_id

),

outcomes as (

    select
        applied.application_id,
        applied.status = 'hired' as hired,
        offered.application_id is not null as has_offer,
        entered.furthest_stage >= 1 as has_passed,
        offered.offered_at,
        case
            when applied.status = 'hired' then coalesce(filled.closed_at, offered.accepted_at)
        end as hired_at,
        entered.second_stage_at,
        entered.interviewed_at
    from applied
    left join entered
        on applied.application_id = entered.application_id
    left join offered
        on applied.application_id = offered.application_id
    left join filled
        on applied.application_id = filled.application_id

),

final as (

    -- qualified: reached the second stage or later, has an offer or is hired; NULL without any
    -- stage, because then nothing is known.
    select
        'greenhouse' as system,
        applied.application_id,
        applied.created_at as applied_at,
        stg_greenhouse__candidates.person,
        applied.job_id,
        stg_greenhouse__sources.source_name as source,
        applied.utm_source,
        applied.utm_medium,
        applied.utm_campaign,
        applied.utm_content,
        applied.status,
        case
            when outcomes.has_offer or outcomes.hired then true
            else outcomes.has_passed
        end as qualified,
        case
            when outcomes.has_offer or outcomes.hired or outcomes.has_passed
                then coalesce(outcomes.second_stage_at, outcomes.offered_at, outcomes.hired_at)
        end as qualified_at,
        outcomes.interviewed_at,
        outcomes.offered_at,
        outcomes.hired,
        outcomes.hired_at,
        applied.rejected_at,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from applied
    inner join outcomes
        on applied.application_id = outcomes.application_id
    left join stg_greenhouse__sources
        on applied.source_id = stg_greenhouse__sources.source_id
    left join stg_greenhouse__candidates
        on applied.candidate_pid = stg_greenhouse__candidates.candidate_pid

)

select
    {{ entity_select('applications') }}
from final
