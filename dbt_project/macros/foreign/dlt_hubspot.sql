{#- HubSpot as dlt loads it: verified source `hubspot`, default naming.
    Source: dlt's page of the source and its code; read November 2026. Properties are columns of
    their own name; ask the source for those that you need (by default it loads few, for deals no
    amount and no dates). contacts__deals has a row per contact (`value`) and deal (`deals_id`);
    stages are pipelines_deals__stages, children by _dlt_parent_id. Deleted rows are there, flagged
    is_deleted, where the source runs with soft_delete. A deal's contact is the one with the lowest
    id: there is no first one here. -#}
{% macro dlt_hubspot__contacts(at) %}
{{ hubspot_contacts(at, 'contacts', ['id'], 'id', '{}', deleted='is_deleted') }}
{% endmacro %}

{% macro dlt_hubspot__contact_merges(at) %}
{{ hubspot_merges(dlt_hubspot_losers(at, 'contacts')) }}
{% endmacro %}

{% macro dlt_hubspot__deals(at) %}
select
    deals.*,
    links.contact_id,
    coalesce(links.contacts, 0) as contacts
from (
    {{ hubspot_deals(at, 'deals', ['id'], 'id', '{}', 'pipeline', 'dealstage',
        deleted='is_deleted') }}
) as deals
left join (
    {{ hubspot_links('select links.deal_id, links.contact_id from ('
        ~ foreign_rows(at, 'contacts__deals', ['_dlt_id'], {
            'deal_id': 'deals_id text', 'contact_id': 'value text', 'parent': '_dlt_parent_id text'
        }, optional=true) ~ ') as links inner join (' ~ dlt_parents(at, 'contacts', ['id'])
        ~ ') as parents on links.parent = parents.row_id') }}
) as links on deals.deal_id = links.deal_id
{% endmacro %}

{% macro dlt_hubspot__deal_merges(at) %}
{{ hubspot_merges(dlt_hubspot_losers(at, 'deals')) }}
{% endmacro %}

{% macro dlt_hubspot__deal_stages(at) %}
select
    pipelines.id as pipeline_id,
    stages.stage_id,
    stages.probability,
    stages.is_closed,
    pipelines._fetched_at
from ({{ dlt_parents(at, 'pipelines_deals', ['id']) }}) as pipelines
inner join ({{ foreign_rows(at, 'pipelines_deals__stages', ['_dlt_id'], {
    'parent': '_dlt_parent_id text', 'stage_id': 'id text',
    'probability': 'metadata__probability double', 'is_closed': 'metadata__is_closed boolean'
}) }}) as stages on pipelines.row_id = stages.parent
{% endmacro %}

{#- (winner_id, losers): a column of ids divided by `;`, or, where dlt has split it, a child table. -#}
{% macro dlt_hubspot_losers(at, table) -%}
    {%- if 'hs_merged_object_ids' in foreign_columns(foreign_relation(at, table)) -%}
    {{ foreign_rows(at, table, ['id'], {
        'winner_id': 'id text', 'losers': 'hs_merged_object_ids text'
    }, deleted='is_deleted') }}
    {%- else -%}
    select parents.id as winner_id, children.losers, parents._fetched_at
    from ({{ dlt_parents(at, table, ['id']) }}) as parents
    inner join ({{ foreign_rows(at, table ~ '__hs_merged_object_ids', ['_dlt_id'], {
        'parent': '_dlt_parent_id text', 'losers': 'value text'
    }, optional=true) }}) as children on parents.row_id = children.parent
    {%- endif -%}
{%- endmacro %}

{#- Rows that child tables may hang on: children of an older version of a row fall away with it. -#}
{% macro dlt_parents(at, table, key) -%}
    {%- set columns = {'row_id': '_dlt_id text'} -%}
    {%- for name in key %}{% do columns.update({name: name ~ ' text'}) %}{% endfor -%}
    {{ foreign_rows(at, table, key, columns, deleted='is_deleted') }}
{%- endmacro %}
