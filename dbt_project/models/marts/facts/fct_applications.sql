{{ config(materialized=kept_table()) }}
{{- after('int_days__left') -}}
with

int_applications__unioned as (

    select
        {{ entity_select('applications') }}
    from {{ ref('int_applications__unioned') }}
    {{ narrowed('fct_applications', 'int_applications__unioned') }}

),

attributed as (

    {{ answers_of('application') }}

),

flagged as (

    -- Who moves inside the company is not hired, however far the application went.
    select
        *,
        coalesce({{ name_key('source') }}, '') in (
            'internal applicant',
            'internal application',
            'internal candidate',
            'internal mobility',
            'internal transfer',
            'transfer'
        )
        or coalesce({{ name_key('status') }}, '') in ('internal transfer', 'transferred')
            as is_transfer,
        {{ business_day('applied_at') }} as applied_on
    from int_applications__unioned

),

decided as (

    -- A date stands for its flag where the flag is missing; a later step proves an earlier one.
    select
        *,
        case
            when is_transfer then false
            when hired is not null then hired
            when hired_at is not null then true
        end as was_hired
    from flagged

),

stepped as (

    select
        *,
        case
            when qualified or was_hired then true
            when coalesce(interviewed_at, offered_at, hired_at) is not null then true
            when qualified is null and qualified_at is not null then true
            else qualified
        end as was_qualified,
        case
            when is_transfer then false
            when offered_at is not null or was_hired then true
            when was_hired is not null then false
        end as offered,
        case
            when was_hired then coalesce({{ business_day('hired_at') }}, applied_on)
        end as hired_on
    from decided

),

final as (

    select
        stepped.system,
        stepped.application_id,
        stepped.person,
        stepped.job_id,
        stepped.source,
        stepped.utm_source,
        stepped.utm_medium,
        stepped.utm_campaign,
        stepped.utm_content,
        stepped.status,
        {{ answer_columns() }},
        stepped.was_qualified as qualified,
        stepped.offered,
        stepped.was_hired as hired,
        stepped.is_transfer,
        case
            when stepped.was_hired and stepped.hired_at >= stepped.applied_at
                then cast(
                    {{ dbt.datediff('stepped.applied_at', 'stepped.hired_at', 'second') }}
                    as {{ dbt.type_bigint() }}
                )
        end as seconds_to_hire,
        -- a missing date is no negative duration
        coalesce(stepped.hired_at < stepped.applied_at, false) as is_duration_negative,
        stepped.applied_at,
        stepped.qualified_at,
        stepped.interviewed_at,
        stepped.offered_at,
        stepped.hired_at,
        stepped.rejected_at,
        stepped.applied_on,
        case
            when stepped.was_qualified
                then coalesce({{ business_day('stepped.qualified_at') }}, stepped.applied_on)
        end as qualified_on,
        case
            when stepped.offered
                then coalesce({{ business_day('stepped.offered_at') }}, stepped.hired_on)
        end as offered_on,
        stepped.hired_on
    from stepped
    inner join attributed
        on
            stepped.system = attributed.system
            and stepped.application_id = attributed.conversion_id

)

select * from final
order by system, application_id
