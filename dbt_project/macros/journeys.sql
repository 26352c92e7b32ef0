{#- What counts as a conversion: kind → its fact, key, moment, business day, amount and condition.
    The day is the one that the KPIs count it on; the journey ends at the moment. -#}
{% macro counted_kinds() %}
    {% do return([
        ('application', 'fct_applications', 'application_id', 'applied_at', 'applied_on', none, none),
        ('lead', 'fct_leads', 'lead_id', 'created_at', 'created_on', none, none),
        ('deal', 'fct_deals', 'deal_id', 'created_at', 'closed_on', 'amount', 'won'),
        ('order', 'fct_orders', 'order_id', 'ordered_at', 'ordered_on', 'amount', 'is_order'),
        ('support_request', 'fct_support_requests', 'request_id', 'opened_at', 'opened_on', none, none)
    ]) %}
{% endmacro %}

{#- How far back a touchpoint may lie: 30 × 24 hours. -#}
{% macro look_back_hours() %}720{% endmacro %}

{#- Number of the 30 days that a moment falls into. A look-back reaches into two of them at most, so
    a join on person and this number looks at few touchpoints that it does not need. -#}
{% macro look_back_slot(moment) -%}
    floor(
        {{ dbt.datediff("cast('2000-01-01' as timestamp)", moment, 'second') }}
        / (3600e0 * {{ look_back_hours() }})
    )
{%- endmacro %}
