with

stg_zendesk__tickets as (

    select
        ticket_id,
        requester_pid,
        channel,
        status,
        ticket_type,
        satisfaction_score,
        first_reply_minutes,
        is_merged,
        created_at,
        solved_at
    from {{ ref('stg_zendesk__tickets') }}

),

stg_zendesk__users as (

    select
        user_pid,
        person
    from {{ ref('stg_zendesk__users') }}

),

requests as (

    -- A merged ticket lives on in another one; a deleted one is nobody's request.
    select
        *,
        status in ('solved', 'closed') as is_resolved
    from stg_zendesk__tickets
    where
        not coalesce(is_merged, false)
        and coalesce(status, '') <> 'deleted'

),

final as (

    -- resolved_at: the platform keeps the time of solving when a ticket is opened again.
    -- person: without an address the requester's id still joins the tickets of one person.
    select
        'zendesk' as system,
        requests.ticket_id as request_id,
        requests.created_at as opened_at,
        requests.channel,
        requests.status,
        requests.is_resolved as resolved,
        case when requests.is_resolved then requests.solved_at end as resolved_at,
        {{ dbt.dateadd('minute', 'requests.first_reply_minutes', 'requests.created_at') }}
            as first_response_at,
        coalesce(stg_zendesk__users.person, requests.requester_pid) as person,
        requests.ticket_type as topic,
        case
            when requests.satisfaction_score in ('good', 'good_with_comment') then cast(1 as double)
            when requests.satisfaction_score in ('bad', 'bad_with_comment') then cast(0 as double)
        end as satisfaction,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from requests
    left join stg_zendesk__users
        on requests.requester_pid = stg_zendesk__users.user_pid

)

select
    {{ entity_select('support_requests') }}
from final
