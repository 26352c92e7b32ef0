{#- Intervals of a difference between two groups; on the bounds of statistics.sql. -#}

{#- 95 % interval of the second proportion less the first (Newcombe 1998, method 10). Arguments are
    SQL expressions of type double. NULL where either side is no proportion (no trials, more hits
    than trials). The groups must be independent: not one person in both. -#}
{% macro newcombe_lower(hits_1, trials_1, hits_2, trials_2) -%}
{{ hits_2 }} / nullif({{ trials_2 }}, 0) - {{ hits_1 }} / nullif({{ trials_1 }}, 0) - sqrt(
    power({{ hits_2 }} / nullif({{ trials_2 }}, 0) - ({{ wilson_lower(hits_2, trials_2) }}), 2)
    + power(({{ wilson_upper(hits_1, trials_1) }}) - {{ hits_1 }} / nullif({{ trials_1 }}, 0), 2)
)
{%- endmacro %}

{% macro newcombe_upper(hits_1, trials_1, hits_2, trials_2) -%}
{{ hits_2 }} / nullif({{ trials_2 }}, 0) - {{ hits_1 }} / nullif({{ trials_1 }}, 0) + sqrt(
    power(({{ wilson_upper(hits_2, trials_2) }}) - {{ hits_2 }} / nullif({{ trials_2 }}, 0), 2)
    + power({{ hits_1 }} / nullif({{ trials_1 }}, 0) - ({{ wilson_lower(hits_1, trials_1) }}), 2)
)
{%- endmacro %}
