with

fct_applications as (

    select
        system,
        platform,
        campaign,
        channel_kind,
        qualified,
        interviewed_at,
        offered,
        hired,
        applied_on
    from {{ ref('fct_applications') }}

),

interviewing as (

    -- a system that never reported an interview does not know them
    select system
    from fct_applications
    where interviewed_at is not null
    group by system

),

cohort as (

    select
        cast({{ dbt.date_trunc('month', 'applications.applied_on') }} as date) as month,
        applications.platform,
        applications.campaign,
        applications.channel_kind,
        1 as applied,
        cast(applications.qualified as integer) as qualified,
        case
            when interviewing.system is null then null
            when applications.interviewed_at is not null or applications.offered then 1
            else 0
        end as interviewed,
        cast(applications.offered as integer) as offered,
        cast(applications.hired as integer) as hired
    from fct_applications as applications
    left join interviewing
        on applications.system = interviewing.system

),

{{ funnel('cohort', [
    ('applied', none),
    ('qualified', 'qualification_rate'),
    ('interviewed', 'application_to_hire_rate'),
    ('offered', 'application_to_hire_rate'),
    ('hired', 'application_to_hire_rate'),
]) }}

select * from final
order by month, platform, campaign, channel_kind, stage_number
