with

stg_freshdesk__tickets as (

    select
        ticket_id,
        requester_pid,
        source_code,
        status_code,
        ticket_type,
        first_responded_at,
        reopened_at,
        resolved_at,
        closed_at,
        created_at,
        modified_at
    from {{ ref('stg_freshdesk__tickets') }}

),

stg_freshdesk__ticket_sources as (

    select
        source_code,
        source_name
    from {{ ref('stg_freshdesk__ticket_sources') }}

),

stg_freshdesk__satisfaction_ratings as (

    select
        rating_id,
        ticket_id,
        score,
        rated_at
    from {{ ref('stg_freshdesk__satisfaction_ratings') }}

),

put_away as (

    select
        ticket_id,
        archived_at
    from {{ ref('stg_freshdesk__deleted_tickets') }}

    union all

    select
        ticket_id,
        archived_at
    from {{ ref('stg_freshdesk__spam_tickets') }}

),

living as (

    -- A ticket that changed after it was put away was restored.
    select tickets.*
    from stg_freshdesk__tickets as tickets
    where
        not exists (
            select 1 from put_away
            where
                put_away.ticket_id = tickets.ticket_id
                and coalesce(tickets.modified_at <= put_away.archived_at, true)
        )

),

numbered as (

    select
        *,
        row_number() over (
            partition by ticket_id
            order by rated_at desc, rating_id desc
        ) as newest
    from stg_freshdesk__satisfaction_ratings
    where score between -103 and -101 or score between 100 and 103

),

rated as (

    -- Seven steps from -103 to 103; the middle one is written 100.
    select
        ticket_id,
        case
            when score >= 100 then cast(score - 97 as double) / 6
            else cast(score + 103 as double) / 6
        end as satisfaction
    from numbered
    where newest = 1

),

named as (

    -- The system's own channels go by their code, because their labels can be renamed.
    select
        living.*,
        coalesce(
            {{ freshdesk_channel('living.source_code') }},
            sources.source_name,
            cast(living.source_code as {{ dbt.type_string() }})
        ) as channel,
        living.status_code in (4, 5) as is_resolved,
        case
            when living.reopened_at > living.resolved_at then living.closed_at
            else coalesce(living.resolved_at, living.closed_at)
        end as last_resolved_at
    from living
    left join stg_freshdesk__ticket_sources as sources
        on living.source_code = sources.source_code

),

final as (

    select
        'freshdesk' as system,
        named.ticket_id as request_id,
        named.created_at as opened_at,
        named.channel,
        case named.status_code
            when 2 then 'open'
            when 3 then 'pending'
            when 4 then 'resolved'
            when 5 then 'closed'
            else cast(named.status_code as {{ dbt.type_string() }})
        end as status,
        named.is_resolved as resolved,
        case when named.is_resolved then named.last_resolved_at end as resolved_at,
        named.first_responded_at as first_response_at,
        named.requester_pid as person,
        named.ticket_type as topic,
        rated.satisfaction,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from named
    left join rated
        on named.ticket_id = rated.ticket_id

)

select
    {{ entity_select('support_requests') }}
from final
