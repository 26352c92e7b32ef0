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
    select
        'zendesk' as system,
        ticket_id as request_id,
        created_at as opened_at,
        channel,
        status,
        is_resolved as resolved,
        case when is_resolved then solved_at end as resolved_at,
        {{ dbt.dateadd('minute', 'first_reply_minutes', 'created_at') }} as first_response_at,
        requester_pid as person,
        ticket_type as topic,
        case
            when satisfaction_score in ('good', 'good_with_comment') then cast(1 as double)
            when satisfaction_score in ('bad', 'bad_with_comment') then cast(0 as double)
        end as satisfaction,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from requests

)

select
    {{ entity_select('support_requests') }}
from final
