{#- Zendesk Support as Airbyte loads it: source-zendesk-support, typed tables.
    Source: the connector's JSON schema of ticket_metrics, in the repository, and Zendesk's reference
    of tickets, which the stream passes on; read November 2026. `via`, `satisfaction_rating` and
    `tags` are JSON; times of solving and answering come with the stream ticket_metrics. -#}
{% macro airbyte_zendesk__tickets(at) %}
{{ zendesk_tickets_with_metrics(at, 'via.channel', 'satisfaction_rating.score',
    'reply_time_in_minutes.calendar') }}
{% endmacro %}

{#- Tickets beside the platform's own metrics, as Airbyte and dlt have them. -#}
{% macro zendesk_tickets_with_metrics(at, channel, score, reply) %}
select
    tickets.ticket_id,
    tickets.channel,
    tickets.status,
    tickets.type,
    tickets.tags like '%"closed_by_merge"%' as is_merged,
    {{ foreign_person(at, 'tickets.requester_id') }} as requester_id,
    tickets.satisfaction_score,
    metrics.reply_minutes,
    metrics.solved_at,
    tickets.created_at,
    tickets._fetched_at
from ({{ foreign_rows(at, 'tickets', ['id'], {
    'ticket_id': 'id text', 'channel': channel ~ ' text', 'status': 'status text',
    'type': 'type text', 'tags': 'tags text', 'requester_id': 'requester_id text',
    'satisfaction_score': score ~ ' text', 'created_at': 'created_at timestamp'
}, newest_by=['updated_at']) }}) as tickets
left join ({{ foreign_rows(at, 'ticket_metrics', ['ticket_id'], {
    'ticket_id': 'ticket_id text', 'reply_minutes': reply ~ ' bigint',
    'solved_at': 'solved_at timestamp'
}, newest_by=['updated_at'], optional=true) }}) as metrics
    on tickets.ticket_id = metrics.ticket_id
{% endmacro %}
