{#- Zendesk Support as dlt loads it: verified source `zendesk` (zendesk_support), default naming.
    Source: dlt's page of the source and its code; read November 2026. Nested objects are columns
    with two underscores, `tags` is JSON; times of solving and answering come with the resource
    ticket_metrics, which load_all brings. -#}
{% macro dlt_zendesk__tickets(at) %}
{{ zendesk_tickets_with_metrics(at, 'via__channel', 'satisfaction_rating__score',
    'reply_time_in_minutes__calendar') }}
{% endmacro %}
