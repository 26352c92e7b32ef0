{#- The entities that every system is brought to: column names and types, in one order. The first
    eleven may come as files; conversions that a platform claims come from ads and APIs alone.
    Every conformed model selects exactly these columns: {{ entity_select('leads') }}.
    Types: text, bigint, money (decimal(18, 4)), double, boolean, date, timestamp (UTC). -#}
{% macro entity_columns(entity) -%}
    {%- set utm = ['utm_source text', 'utm_medium text', 'utm_campaign text', 'utm_content text'] -%}
    {#- What a platform's lead form or click id says; no file has them. -#}
    {%- set handed = ['handed_platform text', 'handed_campaign text'] -%}
    {%- set measures = [
        'impressions bigint', 'reach bigint', 'likes bigint', 'comments bigint', 'shares bigint',
        'saves bigint', 'clicks bigint', 'video_views bigint', 'views bigint',
        'engaged_views bigint'
    ] -%}
    {%- set entities = {
        'posts': [
            'platform text', 'post_id text', 'account_id text', 'published_at timestamp',
            'type text', 'text text', 'url text', 'campaign text', 'audience text', 'message text'
        ],
        'post_metrics': ['platform text', 'post_id text', 'as_of date', 'basis text'] + measures,
        'account_metrics': [
            'platform text', 'account_id text', 'as_of date', 'followers bigint'
        ],
        'ad_performance': [
            'platform text', 'ad_id text', 'date date', 'campaign text', 'audience text',
            'message text', 'impressions bigint', 'clicks bigint', 'spend money', 'currency text',
            'leads bigint', 'conversions bigint'
        ],
        'applications': [
            'application_id text', 'applied_at timestamp', 'person text', 'job_id text',
            'source text'
        ] + utm + [
            'status text', 'qualified boolean', 'qualified_at timestamp',
            'interviewed_at timestamp', 'offered_at timestamp', 'hired boolean',
            'hired_at timestamp', 'rejected_at timestamp'
        ] + handed,
        'leads': [
            'lead_id text', 'created_at timestamp', 'person text', 'source text'
        ] + utm + ['qualified boolean', 'qualified_at timestamp', 'deal_id text'] + handed,
        'deals': [
            'deal_id text', 'created_at timestamp', 'lead_id text', 'person text', 'source text'
        ] + utm + [
            'won boolean', 'closed_at timestamp', 'amount money', 'currency text'
        ] + handed,
        'support_requests': [
            'request_id text', 'opened_at timestamp', 'channel text', 'status text',
            'resolved boolean', 'resolved_at timestamp', 'first_response_at timestamp',
            'person text', 'topic text', 'satisfaction double'
        ] + handed,
        'orders': [
            'order_id text', 'ordered_at timestamp', 'person text', 'source text'
        ] + utm + [
            'amount money', 'currency text', 'status text', 'new_customer boolean'
        ] + handed,
        'costs': [
            'cost_id text', 'date date', 'until date', 'department text', 'platform text',
            'campaign text', 'category text', 'amount money', 'currency text'
        ],
        'touchpoints': [
            'touch_id text', 'person text', 'touched_at timestamp', 'platform text',
            'campaign text', 'kind text'
        ],
        'claimed_conversions': [
            'platform text', 'ad_id text', 'date date', 'campaign text', 'audience text',
            'message text', 'claim text', 'attribution_window text', 'claimed double',
            'claimed_value money', 'currency text'
        ],
    } -%}
    {%- set columns = [] -%}
    {%- for line in ['system text'] + entities[entity] -%}
        {%- do columns.append({'name': line.split(' ')[0], 'type': line.split(' ')[1]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#- Names of an entity's columns for a select list. -#}
{% macro entity_select(entity) -%}
    {{ entity_columns(entity) | map(attribute='name') | join(',\n        ') }}
{%- endmacro %}

{#- SQL type of one of the entity types above. -#}
{% macro entity_type(type) -%}
    {%- set types = {
        'text': dbt.type_string(), 'bigint': dbt.type_bigint(), 'money': 'decimal(18, 4)',
        'double': 'double', 'boolean': 'boolean', 'date': 'date', 'timestamp': dbt.type_timestamp()
    } -%}
    {{ return(types[type]) }}
{%- endmacro %}

{#- Entities whose key holds a platform, which files spell in several ways. -#}
{% macro spelled_entities() -%}
    {{ return(['posts', 'post_metrics', 'account_metrics', 'ad_performance']) }}
{%- endmacro %}

{#- One table of an entity from all systems: files first (claims: what ads of any system say). -#}
{% macro union_entity(entity) -%}
    {%- if entity == 'claimed_conversions' -%}
        {%- set models = ['int_claimed_conversions__in_ads'] -%}
    {%- else -%}
        {%- set models = [('int' if entity in spelled_entities() else 'stg') ~ '_file_drop__' ~ entity] -%}
    {%- endif -%}
    {%- set read = systems_read() -%}
    {%- for system, entities in conformed_systems().items() if entity in entities -%}
        {#- Named here, so that dbt knows the order; asked for only where it may hold rows. -#}
        {%- set table = ref('int_' ~ system ~ '__' ~ entity) -%}
        {%- if read is none or system in read -%}
            {%- do models.append('int_' ~ system ~ '__' ~ entity) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for model in models %}
    select
        {{ entity_select(entity) }}
    from {{ ref(model) }}
    {%- if not loop.last %}

    union all
    {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- The systems that may hold rows: switched on, or loaded once (extractors/handover.py); none where
    nobody has written which they are. The models of others need not exist. -#}
{% macro systems_read() -%}
    {%- if not execute or not adapter.get_relation(target.database, 'ops', 'systems_read') -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(run_query('select system from ops.systems_read').columns[0].values() | list) }}
{%- endmacro %}
