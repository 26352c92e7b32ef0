{#- HubSpot as Airbyte loads it: source-hubspot, typed tables.
    Source: the connector's JSON schemas of its streams and its recorded replies, in the repository
    (no version stands in them); read November 2026. All
    properties lie in the JSON column `properties`; deals carry the ids of their contacts, and
    pipelines their stages, as JSON lists. Deleted deals come in a stream of their own, deleted
    contacts in none. A deal's contact is the first of its list. -#}
{% macro airbyte_hubspot__contacts(at) %}
{{ hubspot_contacts(at, 'contacts', ['id'], 'id', 'properties.{}', deleted='archived') }}
{% endmacro %}

{% macro airbyte_hubspot__contact_merges(at) %}
{{ hubspot_merges(foreign_rows(at, 'contacts', ['id'], {
    'winner_id': 'id text', 'losers': 'properties.hs_merged_object_ids text'
}, deleted='archived')) }}
{% endmacro %}

{% macro airbyte_hubspot__deals(at) %}
select
    *,
    json_extract_string(linked, '$[0]') as contact_id,
    coalesce(json_array_length(linked), 0) as contacts
from (
    {{ hubspot_deals(at, 'deals', ['id'], 'id', 'properties.{}', 'properties.pipeline',
        'properties.dealstage', deleted='archived', extra={'linked': 'contacts text'}) }}
) as deals
{% endmacro %}

{% macro airbyte_hubspot__deal_merges(at) %}
{{ hubspot_merges(foreign_rows(at, 'deals', ['id'], {
    'winner_id': 'id text', 'losers': 'properties.hs_merged_object_ids text'
}, deleted='archived')) }}
{% endmacro %}

{% macro airbyte_hubspot__deals_archived(at) %}
{{ foreign_rows(at, 'deals_archived', ['id'], {
    'deal_id': 'id text', 'archived_at': 'archivedAt timestamp'
}, optional=true) }}
{% endmacro %}

{% macro airbyte_hubspot__deal_stages(at) %}
select
    pipeline_id,
    json_extract_string(stage, '$.stageId') as stage_id,
    cast(json_extract_string(stage, '$.metadata.probability') as double) as probability,
    cast(json_extract_string(stage, '$.metadata.isClosed') as boolean) as is_closed,
    _fetched_at
from (
    select
        pipeline_id,
        _fetched_at,
        {{ foreign_unnest("from_json(stages, '[\"json\"]')") }} as stage
    from ({{ foreign_rows(at, 'deal_pipelines', ['pipelineId'], {
        'pipeline_id': 'pipelineId text', 'stages': 'stages text'
    }) }}) as pipelines
) as stages
{% endmacro %}
