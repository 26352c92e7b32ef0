{#- Where a month will end that is still running: `actual` after `elapsed` of its `days` working days.
    Plain jinja, as statistics.sql. -#}

{#- The part of a month's target that its first working days should have brought. -#}
{% macro expected_so_far(target, days, elapsed) -%}
{{ target }} * {{ elapsed }} / nullif({{ days }}, 0)
{%- endmacro %}

{#- The month's end when the rest goes like what is over. -#}
{% macro projected(actual, days, elapsed) -%}
{{ actual }} * {{ days }} / nullif({{ elapsed }}, 0)
{%- endmacro %}

{#- What each working day that is left must bring; NULL when none is left. -#}
{% macro needed_per_day(target, actual, days_left) -%}
case
    when {{ days_left }} > 0 and {{ target }} > {{ actual }}
        then ({{ target }} - {{ actual }}) / {{ days_left }}
    when {{ days_left }} > 0 and {{ target }} is not null and {{ actual }} is not null then 0e0
end
{%- endmacro %}

{#- Mean of what is to come of a count: Gamma-Poisson with half an event as prior. -#}
{% macro expected_rest(actual, days, elapsed) -%}
(({{ actual }} + 0.5e0) * ({{ days }} - {{ elapsed }}) / nullif({{ elapsed }}, 0))
{%- endmacro %}

{#- 95 % predictive interval of a count at the month's end; `sign` is '-' or '+'. What is to come is
    never below 0. -#}
{% macro count_projection(actual, days, elapsed, sign) -%}
{%- set rest = expected_rest(actual, days, elapsed) -%}
{%- set margin -%}
{{ z() }} * sqrt({{ rest }} * (1 + ({{ days }} - {{ elapsed }}) / nullif({{ elapsed }}, 0)))
{%- endset -%}
{%- if sign == '-' -%}
case
    when {{ rest }} > {{ margin }} then {{ actual }} + {{ rest }} - {{ margin }}
    when {{ rest }} is not null then {{ actual }}
end
{%- else -%}
{{ actual }} + {{ rest }} + {{ margin }}
{%- endif -%}
{%- endmacro %}

{#- The same for a sum of money, from the sums of its working days and their squares: t of the days
    that are over. NULL below two days. -#}
{% macro sum_projection(actual, squares, days, elapsed, sign) -%}
case
    when {{ elapsed }} >= 2 then
        {{ actual }} + ({{ days }} - {{ elapsed }}) * {{ actual }} / {{ elapsed }}
        + ({{ mean_bound(elapsed, actual, squares, sign) }} - {{ actual }} / {{ elapsed }})
        * sqrt(({{ days }} - {{ elapsed }}) * {{ days }})
end
{%- endmacro %}
