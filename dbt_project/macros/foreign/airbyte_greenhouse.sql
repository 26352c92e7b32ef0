{#- Greenhouse as Airbyte loads it: source-greenhouse 1.x (Harvest v3), typed tables.
    Source: Airbyte's page of the connector and its manifest, version 1.1; read November 2026.
    Tables are named like the streams. custom_fields is an object by name_key: name another key as
    `utm_campaign: custom_fields.campaign.value` under `columns:`. Connector 0.x (Harvest v1) has no
    application_stages and is not mapped. -#}
{% macro airbyte_greenhouse__applications(at) %}
select
    application_id,
    {{ foreign_person(at, 'candidate_id') }} as candidate_id,
    job_id,
    source_id,
    status,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    prospect,
    created_at,
    rejected_at,
    updated_at,
    _fetched_at
from ({{ foreign_rows(at, 'applications', ['id'], {
    'application_id': 'id text', 'candidate_id': 'candidate_id text', 'job_id': 'job_id text',
    'source_id': 'source_id text', 'status': 'status text', 'prospect': 'prospect boolean',
    'utm_source': 'custom_fields.utm_source.value text',
    'utm_medium': 'custom_fields.utm_medium.value text',
    'utm_campaign': 'custom_fields.utm_campaign.value text',
    'utm_content': 'custom_fields.utm_content.value text',
    'created_at': 'created_at timestamp', 'rejected_at': 'rejected_at timestamp',
    'updated_at': 'updated_at timestamp'
}) }}) as applications
{% endmacro %}

{% macro airbyte_greenhouse__application_stages(at) %}
{{ foreign_rows(at, 'application_stages', ['id'], {
    'application_stage_id': 'id text', 'application_id': 'application_id text',
    'job_interview_stage_id': 'job_interview_stage_id text', 'entered_at': 'entered_at timestamp'
}) }}
{% endmacro %}

{% macro airbyte_greenhouse__job_interview_stages(at) %}
{{ foreign_rows(at, 'job_stages', ['id'], {
    'job_interview_stage_id': 'id text', 'job_id': 'job_id text', 'name': 'name text',
    'sort_order': 'sort_order bigint'
}) }}
{% endmacro %}

{% macro airbyte_greenhouse__offers(at) %}
{{ foreign_rows(at, 'offers', ['id'], {
    'offer_id': 'id text', 'application_id': 'application_id text', 'version': 'version bigint',
    'status': 'status text', 'sent_on': 'sent_on date', 'resolved_at': 'resolved_at timestamp',
    'created_at': 'created_at timestamp', 'updated_at': 'updated_at timestamp'
}) }}
{% endmacro %}

{% macro airbyte_greenhouse__jobs(at) %}
{{ foreign_rows(at, 'jobs', ['id'], {
    'job_id': 'id text', 'name': 'name text', 'status': 'status text'
}) }}
{% endmacro %}

{% macro airbyte_greenhouse__sources(at) %}
{{ foreign_rows(at, 'sources', ['id'], {
    'source_id': 'id text', 'name': 'name text', 'strategy': 'type.name text'
}) }}
{% endmacro %}

{% macro airbyte_greenhouse__openings(at) %}
{{ foreign_rows(at, 'jobs_openings', ['id'], {
    'opening_id': 'id text', 'application_id': 'application_id text',
    'closed_at': 'closed_at timestamp'
}, optional=true) }}
{% endmacro %}

{% macro airbyte_greenhouse__candidates(at) %}
select
    {{ foreign_person(at, 'candidate_id') }} as candidate_id,
    {{ foreign_person(at, 'candidate_id') }} as person,
    _fetched_at
from ({{ foreign_rows(at, 'candidates', ['id'], {'candidate_id': 'id text'}) }}) as candidates
{% endmacro %}
