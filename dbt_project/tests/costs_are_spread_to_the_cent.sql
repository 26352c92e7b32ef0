-- Fails with each cost whose days do not add up to it.
select
    fct_costs.system,
    fct_costs.cost_id,
    fct_costs.amount_original,
    sum(int_costs__spread.amount_original) as spread_original
from {{ ref('fct_costs') }} as fct_costs
left join {{ ref('int_costs__spread') }} as int_costs__spread
    on
        fct_costs.system = int_costs__spread.system
        and fct_costs.cost_id = int_costs__spread.cost_id
group by fct_costs.system, fct_costs.cost_id, fct_costs.amount_original
having fct_costs.amount_original <> coalesce(sum(int_costs__spread.amount_original), 0)
