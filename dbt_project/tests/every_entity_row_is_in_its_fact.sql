-- Fails with each fact that has lost or doubled rows of its entity.
{%- set pairs = [
    ('fct_applications', 'int_applications__unioned'),
    ('fct_leads', 'int_leads__unioned'),
    ('fct_deals', 'int_deals__unioned'),
    ('fct_orders', 'int_orders__unioned'),
    ('fct_support_requests', 'int_support_requests__unioned'),
    ('fct_ad_days', 'int_ad_performance__unioned'),
    ('fct_account_days', 'int_account_metrics__unioned'),
    ('fct_costs', 'int_costs__unioned'),
    ('fct_touchpoints', 'int_touchpoints__unioned'),
] %}
with

counted as (

    {% for fact, entity in pairs -%}
    select
        '{{ fact }}' as fact,
        (select count(*) from {{ ref(fact) }}) as fact_rows,
        (select count(*) from {{ ref(entity) }}) as entity_rows
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    fact,
    fact_rows,
    entity_rows
from counted
where fact_rows <> entity_rows
