{#- A currency as the rates spell it; a missing one is the business currency. -#}
{% macro currency_key(column) -%}
    coalesce(
        nullif(upper(trim({{ column }})), ''),
        (select stg_ops__run.currency from {{ ref('stg_ops__run') }} as stg_ops__run)
    )
{%- endmacro %}

{#- Exact decimal in the business currency; NULL without a rate. -#}
{% macro converted(amount, rate) -%}
    cast({{ amount }} * {{ rate }} as decimal(18, 4))
{%- endmacro %}
