with

stg_ga4__sessions as (

    select
        metric_date,
        session_source,
        session_medium,
        session_campaign,
        channel_group,
        session_count,
        engaged_session_count,
        {{ is_newest_report() }} as is_newest
    from {{ ref('stg_ga4__sessions') }}

),

int_ga4__origins as (

    select
        session_source,
        session_campaign,
        campaign,
        platform
    from {{ ref('int_ga4__origins') }}

),

final as (

    select
        'ga4' as system,
        origins.platform,
        origins.campaign,
        sessions.metric_date as day,
        sessions.session_source,
        sessions.session_medium,
        sessions.session_campaign,
        sessions.channel_group,
        sessions.session_count,
        sessions.engaged_session_count
    from stg_ga4__sessions as sessions
    left join int_ga4__origins as origins
        on
            sessions.session_source = origins.session_source
            and sessions.session_campaign = origins.session_campaign
    where sessions.is_newest

)

select * from final
