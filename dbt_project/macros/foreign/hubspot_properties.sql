{#- What the three layouts of HubSpot share: the properties, under the name that a tool gives them
    (`named`: property_{} at Fivetran, properties.{} at Airbyte, {} at dlt). No name, no address. -#}
{% macro hubspot_contacts(at, table, key, id, named, deleted=none) -%}
    {%- set columns = {
        'contact_id': id ~ ' text',
        'created_at': named.format('createdate') ~ ' timestamp',
        'modified_at': named.format('lastmodifieddate') ~ ' timestamp',
        'lifecycle_stage': named.format('lifecyclestage') ~ ' text',
        'facebook_click': named.format('hs_facebook_click_id') ~ ' text',
        'google_click': named.format('hs_google_click_id') ~ ' text'
    } -%}
    {%- do columns.update(hubspot_origin(named)) -%}
    {%- for stage in ['marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer'] -%}
        {#- Fivetran divides letters and digits. -#}
        {%- set entered = named.format('hs_v2_date_entered_' ~ stage)
            ~ '|' ~ named.format('hs_v_2_date_entered_' ~ stage) -%}
        {%- do columns.update({stage ~ '_at': entered ~ ' timestamp'}) -%}
    {%- endfor -%}
select
    {%- for name in columns if not name.endswith('_click') %}
    {{ name }},
    {%- endfor %}
    {{ foreign_person(at, 'contact_id') }} as email,
    nullif(facebook_click, '') is not null as has_facebook_click,
    nullif(google_click, '') is not null as has_google_click,
    _fetched_at
from ({{ foreign_rows(at, table, key, columns, deleted=deleted) }}) as contacts
{%- endmacro %}

{% macro hubspot_deals(at, table, key, id, named, pipeline, stage, deleted=none, extra={}) -%}
    {%- set columns = {
        'deal_id': id ~ ' text',
        'created_at': named.format('createdate') ~ ' timestamp',
        'modified_at': named.format('hs_lastmodifieddate') ~ ' timestamp',
        'pipeline_id': pipeline ~ ' text',
        'stage_id': stage ~ ' text',
        'is_closed': named.format('hs_is_closed') ~ ' boolean',
        'is_won': named.format('hs_is_closed_won') ~ ' boolean',
        'closes_at': named.format('closedate') ~ ' timestamp',
        'amount': named.format('amount') ~ ' money',
        'currency': named.format('deal_currency_code') ~ ' text'
    } -%}
    {%- do columns.update(hubspot_origin(named)) -%}
    {%- do columns.update(extra) -%}
    {{ foreign_rows(at, table, key, columns, deleted=deleted) }}
{%- endmacro %}

{% macro hubspot_origin(named) -%}
    {%- set columns = {} -%}
    {%- for name in [
        'hs_analytics_source', 'hs_analytics_source_data_1', 'hs_analytics_source_data_2',
        'utm_source', 'utm_medium', 'utm_campaign', 'utm_content'
    ] -%}
        {%- do columns.update({name: named.format(name) ~ ' text'}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#- One row per contact or deal that was merged away, from (winner_id, losers): ids divided by `;`,
    each with or without `:` and the time of the merge. -#}
{% macro hubspot_merges(winners) -%}
select
    trim(split_part(loser, ':', 1)) as loser_id,
    winner_id,
    _fetched_at
from (
    select
        winner_id,
        _fetched_at,
        {{ foreign_unnest("string_split(losers, ';')") }} as loser
    from ({{ winners }}) as winners
) as merges
where
    trim(split_part(loser, ':', 1)) not in ('', winner_id)
{%- endmacro %}

{#- Contacts of each deal, from (deal_id, contact_id). -#}
{% macro hubspot_links(links) -%}
    select
        deal_id,
        cast(min(cast(contact_id as {{ dbt.type_bigint() }})) as {{ dbt.type_string() }})
            as contact_id,
        count(distinct contact_id) as contacts
    from ({{ links }}) as links
    group by deal_id
{%- endmacro %}

{#- One row per element of a list. -#}
{% macro foreign_unnest(list) -%}
    unnest({{ list }})
{%- endmacro %}
