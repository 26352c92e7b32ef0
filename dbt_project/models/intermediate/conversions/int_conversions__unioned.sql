{%- set kinds = [
    ('application', 'int_applications__unioned', 'application_id', 'applied_at', 'source'),
    ('lead', 'int_leads__unioned', 'lead_id', 'created_at', 'source'),
    ('deal', 'int_deals__unioned', 'deal_id', 'created_at', 'source'),
    ('order', 'int_orders__unioned', 'order_id', 'ordered_at', 'source'),
    ('support_request', 'int_support_requests__unioned', 'request_id', 'opened_at', 'channel'),
] -%}
{%- for kind, model, id, moment, source in kinds %}
{%- if not loop.first %}

union all

{% endif -%}
select
    '{{ kind }}' as conversion_kind,
    system,
    {{ id }} as conversion_id,
    {{ text_or_null('person') }} as person,
    {% if kind == 'support_request' -%}
    cast(null as {{ dbt.type_string() }}) as utm_source_key,
    cast(null as {{ dbt.type_string() }}) as utm_campaign_key,
    {% else -%}
    {{ name_key('utm_source') }} as utm_source_key,
    {{ name_key('utm_campaign') }} as utm_campaign_key,
    {% endif -%}
    {{ name_key('handed_platform') }} as handed_platform_key,
    {{ name_key('handed_campaign') }} as handed_campaign_key,
    {{ name_key(source) }} as source_key,
    {{ moment }} as converted_at
from {{ ref(model) }}
{%- endfor %}
