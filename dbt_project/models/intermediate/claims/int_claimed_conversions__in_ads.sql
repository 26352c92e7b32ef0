{{ config(materialized='ephemeral') }}
{%- set claims = {'leads': 'lead', 'conversions': 'conversion'} -%}
-- Ads say how many, not within how many days after the click or view: the window is not known.
{%- for column, claim in claims.items() %}
{%- if not loop.first %}

union all
{% endif %}
select
    system,
    platform,
    ad_id,
    date,
    campaign,
    audience,
    message,
    '{{ claim }}' as claim,
    cast(null as {{ dbt.type_string() }}) as attribution_window,
    cast({{ column }} as double) as claimed,
    cast(null as {{ entity_type('money') }}) as claimed_value,
    currency
from {{ ref('int_ad_performance__unioned') }}
where {{ column }} is not null
{%- endfor %}
