with

stg_personio__applications as (

    select
        application_id,
        person,
        job_id,
        channel,
        stage_name,
        phase,
        application_date,
        is_anonymized,
        created_at
    from {{ ref('stg_personio__applications') }}

),

stg_personio__stage_transitions as (

    select
        application_id,
        stage_type,
        stage_name,
        phase,
        entered_at
    from {{ ref('stg_personio__stage_transitions') }}

),

entered as (

    select
        application_id,
        min(case when phase in ('process', 'offer', 'hired') then entered_at end) as passed_at,
        min(
            case
                when phase <> 'process' then null
                when lower(stage_name) like '%interview%' then entered_at
                when lower(stage_type) = 'interview' then entered_at
            end
        ) as interviewed_at,
        max(case when phase = 'offer' then entered_at end) as offered_at,
        max(case when phase = 'hired' then entered_at end) as hired_at,
        max(case when phase = 'rejected' then entered_at end) as rejected_at
    from stg_personio__stage_transitions
    group by application_id

),

final as (

    -- The day is the one that the company says; its time of day is known if it was that day.
    -- qualified: went beyond the entry; NULL for a rejection without a history.
    select
        'personio' as system,
        applied.application_id,
        case
            when
                applied.created_at is null
                or applied.application_date < {{ business_day('applied.created_at') }}
                then {{ business_day_start('applied.application_date') }}
            else applied.created_at
        end as applied_at,
        case when not coalesce(applied.is_anonymized, false) then applied.person end as person,
        applied.job_id,
        applied.channel as source,
        cast(null as {{ dbt.type_string() }}) as utm_source,
        cast(null as {{ dbt.type_string() }}) as utm_medium,
        cast(null as {{ dbt.type_string() }}) as utm_campaign,
        cast(null as {{ dbt.type_string() }}) as utm_content,
        coalesce(applied.stage_name, applied.phase) as status,
        case
            when entered.passed_at is not null then true
            when applied.phase in ('process', 'offer', 'hired') then true
            when applied.phase = 'entry' or entered.application_id is not null then false
        end as qualified,
        entered.passed_at as qualified_at,
        entered.interviewed_at,
        entered.offered_at,
        applied.phase = 'hired' as hired,
        case when applied.phase = 'hired' then entered.hired_at end as hired_at,
        case when applied.phase = 'rejected' then entered.rejected_at end as rejected_at,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from stg_personio__applications as applied
    left join entered
        on applied.application_id = entered.application_id

)

select
    {{ entity_select('applications') }}
from final
