{%- for one in conversion_kinds() %}
{%- if not loop.first %}

union all

{% endif -%}
select
    '{{ one.kind }}' as conversion_kind,
    system,
    {{ one.id }} as conversion_id,
    {{ text_or_null('person') }} as person,
    {% if one.kind == 'support_request' -%}
    cast(null as {{ dbt.type_string() }}) as utm_source_key,
    cast(null as {{ dbt.type_string() }}) as utm_campaign_key,
    {% else -%}
    {{ name_key('utm_source') }} as utm_source_key,
    {{ name_key('utm_campaign') }} as utm_campaign_key,
    {% endif -%}
    {{ name_key('handed_platform') }} as handed_platform_key,
    {{ name_key('handed_campaign') }} as handed_campaign_key,
    {{ name_key(one.source) }} as source_key,
    {{ one.moment }} as converted_at
from {{ ref('int_' ~ one.entity ~ '__unioned') }}
{%- endfor %}
