{#- Greenhouse as Fivetran loads it (schema `greenhouse`).
    Source: Fivetran's schema page and change log of the Greenhouse connector, and the columns that
    its dbt package names; read November 2026. job_stage.priority exists since October 2021; without
    it stages have no order, and an application counts as qualified only by offer or hire.
    Custom fields are columns named custom_...: name yours under `columns:`. -#}
{% macro fivetran_greenhouse__applications(at) %}
select
    applications.application_id,
    {{ foreign_person(at, 'applications.candidate_id') }} as candidate_id,
    jobs.job_id,
    applications.source_id,
    applications.status,
    applications.utm_source,
    applications.utm_medium,
    applications.utm_campaign,
    applications.utm_content,
    applications.prospect,
    applications.created_at,
    applications.rejected_at,
    applications.updated_at,
    applications._fetched_at
from ({{ foreign_rows(at, 'application', ['id'], {
    'application_id': 'id text', 'candidate_id': 'candidate_id text', 'source_id': 'source_id text',
    'status': 'status text', 'prospect': 'prospect boolean', 'is_deleted': 'is_deleted boolean',
    'utm_source': 'custom_utm_source text', 'utm_medium': 'custom_utm_medium text',
    'utm_campaign': 'custom_utm_campaign text', 'utm_content': 'custom_utm_content text',
    'created_at': 'applied_at timestamp', 'rejected_at': 'rejected_at timestamp',
    'updated_at': 'last_activity_at timestamp'
}, deleted='is_deleted') }}) as applications
left join (
    -- An application has one job, a prospect any number: the first stands for them.
    select
        application_id,
        min(job_id) as job_id
    from ({{ foreign_rows(at, 'job_application', ['application_id', 'job_id'], {
        'application_id': 'application_id text', 'job_id': 'job_id text'
    }) }}) as job_applications
    group by application_id
) as jobs on applications.application_id = jobs.application_id
{% endmacro %}

{% macro fivetran_greenhouse__application_stages(at) %}
select
    {{ dbt.concat(['application_id', "':'", 'job_interview_stage_id', "':'",
        'cast(epoch_ms(entered_at) as ' ~ dbt.type_string() ~ ')']) }} as application_stage_id,
    application_id,
    job_interview_stage_id,
    entered_at,
    _fetched_at
from ({{ foreign_rows(at, 'application_history', ['application_id', 'updated_at'], {
    'application_id': 'application_id text', 'job_interview_stage_id': 'new_stage_id text',
    'entered_at': 'updated_at timestamp'
}) }}) as entries
where job_interview_stage_id is not null
{% endmacro %}

{% macro fivetran_greenhouse__job_interview_stages(at) %}
{{ foreign_rows(at, 'job_stage', ['id'], {
    'job_interview_stage_id': 'id text', 'job_id': 'job_id text', 'name': 'name text',
    'sort_order': 'priority bigint'
}) }}
{% endmacro %}

{% macro fivetran_greenhouse__offers(at) %}
{{ foreign_rows(at, 'offer', ['id'], {
    'offer_id': 'id text', 'application_id': 'application_id text', 'version': 'version bigint',
    'status': 'status text', 'sent_on': 'sent_at date', 'resolved_at': 'resolved_at timestamp',
    'created_at': 'created_at timestamp', 'updated_at': 'updated_at timestamp'
}) }}
{% endmacro %}

{% macro fivetran_greenhouse__jobs(at) %}
{{ foreign_rows(at, 'job', ['id'], {
    'job_id': 'id text', 'name': 'name text', 'status': 'status text'
}) }}
{% endmacro %}

{% macro fivetran_greenhouse__sources(at) %}
{{ foreign_rows(at, 'source', ['id'], {
    'source_id': 'id text', 'name': 'name text', 'strategy': 'source_type_name text'
}) }}
{% endmacro %}

{% macro fivetran_greenhouse__openings(at) %}
{{ foreign_rows(at, 'job_opening', ['id'], {
    'opening_id': 'id text', 'application_id': 'application_id text',
    'closed_at': 'closed_at timestamp'
}, optional=true) }}
{% endmacro %}

{% macro fivetran_greenhouse__candidates(at) %}
select
    {{ foreign_person(at, 'candidate_id') }} as candidate_id,
    {{ foreign_person(at, 'candidate_id') }} as person,
    _fetched_at
from ({{ foreign_rows(at, 'candidate', ['id'], {'candidate_id': 'id text'}) }}) as candidates
{% endmacro %}
