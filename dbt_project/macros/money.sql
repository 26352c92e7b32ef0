{#- A currency as the rates spell it; a missing one is the business currency. -#}
{% macro currency_key(column) -%}
    coalesce(
        nullif(upper(trim({{ column }})), ''),
        (select stg_ops__run.currency from {{ ref('stg_ops__run') }} as stg_ops__run)
    )
{%- endmacro %}

{#- Condition of a join with int_money__rates: the rate that holds on a day. Without a day there is
    one from the business currency alone, which holds always. -#}
{% macro rate_of(currency, day) -%}
    {{ currency }} = int_money__rates.currency
    and coalesce({{ day }}, cast('1900-01-01' as date)) >= int_money__rates.valid_from
    and coalesce({{ day }}, cast('1900-01-01' as date)) <= int_money__rates.valid_to
{%- endmacro %}

{#- Exact decimal in the business currency, rounded half up; NULL without a rate. The product has 16
    decimals: it needs more room than 18 digits, in which a hundred would overflow. -#}
{% macro converted(amount, rate) -%}
    cast(cast({{ amount }} as decimal(38, 4)) * {{ rate }} as decimal(18, 4))
{%- endmacro %}
