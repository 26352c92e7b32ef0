{#- HubSpot as Fivetran loads it (schema `hubspot`).
    Source: Fivetran's schema page of the HubSpot connector, and the columns that its dbt package
    names; read November 2026. Properties are columns named property_...; which ones are there is the
    company's choice. A deal's contact is the one with the lowest id: there is no first one here. -#}
{% macro fivetran_hubspot__contacts(at) %}
{{ hubspot_contacts(at, 'contact', ['id'], 'id', 'property_{}') }}
{% endmacro %}

{% macro fivetran_hubspot__contact_merges(at) %}
{{ hubspot_merges(foreign_rows(at, 'contact', ['id'], {
    'winner_id': 'id text', 'losers': 'property_hs_calculated_merged_vids text'
})) }}
{% endmacro %}

{% macro fivetran_hubspot__deals(at) %}
select
    deals.*,
    links.contact_id,
    coalesce(links.contacts, 0) as contacts
from (
    {{ hubspot_deals(at, 'deal', ['deal_id'], 'deal_id', 'property_{}', 'deal_pipeline_id',
        'deal_pipeline_stage_id', deleted='is_deleted') }}
) as deals
left join (
    {{ hubspot_links(foreign_rows(at, 'deal_contact', ['deal_id', 'contact_id', 'type_id'], {
        'deal_id': 'deal_id text', 'contact_id': 'contact_id text'
    })) }}
) as links on deals.deal_id = links.deal_id
{% endmacro %}

{% macro fivetran_hubspot__deal_merges(at) %}
{{ foreign_rows(at, 'merged_deal', ['deal_id', 'merged_deal_id'], {
    'loser_id': 'merged_deal_id text', 'winner_id': 'deal_id text'
}, optional=true) }}
{% endmacro %}

{% macro fivetran_hubspot__deal_stages(at) %}
select
    pipeline_id,
    stage_id,
    probability,
    -- An older layout has no flag: a stage is closed when nothing or everything is sure.
    coalesce(is_closed, probability in (0, 1)) as is_closed,
    _fetched_at
from ({{ foreign_rows(at, 'deal_pipeline_stage', ['pipeline_id', 'stage_id'], {
    'pipeline_id': 'pipeline_id text', 'stage_id': 'stage_id text',
    'probability': 'probability double', 'is_closed': 'is_closed boolean'
}) }}) as stages
{% endmacro %}
