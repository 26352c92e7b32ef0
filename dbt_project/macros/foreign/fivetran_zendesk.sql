{#- Zendesk Support as Fivetran loads it (schema `zendesk`).
    Source: Fivetran's schema page of the Zendesk Support connector, and the columns that its dbt
    package names; read November 2026. There is no table of metrics: a ticket was solved when its
    status last became solved or closed, in ticket_field_history, and answered by the first public
    comment of an agent or admin; comments inside the team do not count. Of comments, users and
    ratings only ids, times, roles and scores are read. -#}
{% macro fivetran_zendesk__tickets(at) %}
select
    tickets.ticket_id,
    tickets.channel,
    tickets.status,
    tickets.type,
    coalesce(merges.ticket_id is not null, false) as is_merged,
    {{ foreign_person(at, 'tickets.requester_id') }} as requester_id,
    ratings.satisfaction_score,
    cast(floor(
        {{ dbt.datediff('tickets.created_at', 'replies.replied_at', 'second') }} / 60e0
    ) as {{ dbt.type_bigint() }}) as reply_minutes,
    solvings.solved_at,
    tickets.created_at,
    tickets._fetched_at
from ({{ foreign_rows(at, 'ticket', ['id'], {
    'ticket_id': 'id text', 'channel': 'via_channel text', 'status': 'status text',
    'type': 'type text', 'requester_id': 'requester_id text', 'created_at': 'created_at timestamp'
}) }}) as tickets
left join ({{ foreign_rows(at, 'ticket_tag', ['ticket_id', 'tag'], {
    'ticket_id': 'ticket_id text', 'tag': 'tag text'
}, optional=true) }}) as merges
    on tickets.ticket_id = merges.ticket_id and merges.tag = 'closed_by_merge'
left join ({{ foreign_rows(at, 'satisfaction_rating', ['ticket_id'], {
    'ticket_id': 'ticket_id text', 'satisfaction_score': 'score text'
}, newest_by=['updated_at', 'created_at'], optional=true) }}) as ratings
    on tickets.ticket_id = ratings.ticket_id
left join (
    -- A closed ticket was solved before: its solving counts, not the closing days later.
    select
        ticket_id,
        coalesce(
            max(case when status = 'solved' then changed_at end), min(changed_at)
        ) as solved_at
    from ({{ foreign_rows(at, 'ticket_field_history', ['ticket_id', 'field_name', 'updated'], {
        'ticket_id': 'ticket_id text', 'field': 'field_name text', 'status': 'value text',
        'changed_at': 'updated timestamp'
    }, optional=true) }}) as changes
    where field = 'status' and status in ('solved', 'closed')
    group by ticket_id
) as solvings on tickets.ticket_id = solvings.ticket_id
left join (
    select
        comments.ticket_id,
        min(comments.written_at) as replied_at
    from ({{ foreign_rows(at, 'ticket_comment', ['id'], {
        'ticket_id': 'ticket_id text', 'author_id': 'user_id text', 'is_public': 'public boolean',
        'written_at': 'created timestamp'
    }, optional=true) }}) as comments
    inner join ({{ foreign_rows(at, 'user', ['id'], {
        'author_id': 'id text', 'role': 'role text'
    }, optional=true) }}) as authors on comments.author_id = authors.author_id
    where comments.is_public and authors.role in ('agent', 'admin')
    group by comments.ticket_id
) as replies on tickets.ticket_id = replies.ticket_id
{% endmacro %}
