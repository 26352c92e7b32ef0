{#- Did a decision change a KPI? Before against after in windows of the same length, as in
    docs/decisions/0015. Plain jinja on purpose: tests/test_effects.py renders these macros, compares
    them with reference values and counts false and missed effects over simulated decisions. -#}

{#- The square of z plus the normal quantile of 80 % power: an effect is detectable when it lies so
    many standard errors away from none. -#}
{% macro power_z_squared() %}7.848879734349088e0{% endmacro %}

{#- Interval of the ratio after / before of two Poisson counts (Przyborowski & Wilenski 1940): the
    Wilson bounds of before / (before + after), turned into odds. Unbounded above where before is 0. -#}
{% macro count_ratio_lower(before, after) -%}
1e0 / nullif({{ wilson_upper(before, '(' ~ before ~ ' + ' ~ after ~ ')') }}, 0e0) - 1
{%- endmacro %}

{% macro count_ratio_upper(before, after) -%}
1e0 / nullif({{ wilson_lower(before, '(' ~ before ~ ' + ' ~ after ~ ')') }}, 0e0) - 1
{%- endmacro %}

{#- The log of (after / before) against that of a control, half an event added to each. -#}
{% macro log_ratio_vs_control(before, after, control_before, control_after) -%}
case
    when
        {{ before }} >= 0 and {{ after }} >= 0
        and {{ control_before }} >= 0 and {{ control_after }} >= 0
        then
            ln(({{ after }} + 0.5e0) / ({{ before }} + 0.5e0))
            - ln(({{ control_after }} + 0.5e0) / ({{ control_before }} + 0.5e0))
end
{%- endmacro %}

{#- Its standard error; the dispersions widen it where counts scatter more than Poisson's. -#}
{% macro log_ratio_vs_control_error(
    before, after, control_before, control_after, dispersion='1e0', control_dispersion='1e0'
) -%}
case
    when
        {{ before }} >= 0 and {{ after }} >= 0
        and {{ control_before }} >= 0 and {{ control_after }} >= 0
        then sqrt(
            {{ dispersion }} * (1 / ({{ before }} + 0.5e0) + 1 / ({{ after }} + 0.5e0))
            + {{ control_dispersion }}
            * (1 / ({{ control_before }} + 0.5e0) + 1 / ({{ control_after }} + 0.5e0))
        )
end
{%- endmacro %}

{#- Variance / mean of weekly counts within both windows, from their sums and sums of squares; 1
    (Poisson) unless chi-square says that the scatter is beyond chance at 5 % (Wilson & Hilferty
    1931). Always to take the estimate would cost 5 points of power at 100 events a side. -#}
{% macro dispersion(weeks, before, before_squares, after, after_squares) -%}
{%- set chi -%}
(
    coalesce({{ weeks }} * {{ before_squares }} / nullif({{ before }}, 0) - {{ before }}, 0e0)
    + coalesce({{ weeks }} * {{ after_squares }} / nullif({{ after }}, 0) - {{ after }}, 0e0)
)
{%- endset -%}
{%- set free -%}
(
    ({{ weeks }} - 1e0) * (
        case when {{ before }} > 0 then 1e0 else 0e0 end
        + case when {{ after }} > 0 then 1e0 else 0e0 end
    )
)
{%- endset -%}
case
    when {{ free }} > 0
        and {{ chi }} > {{ free }} * power(
            1 - 2 / (9 * nullif({{ free }}, 0))
            + 1.6448536269514722e0 * sqrt(2 / (9 * nullif({{ free }}, 0))), 3
        )
        then {{ chi }} / {{ free }}
    else 1e0
end
{%- endmacro %}

{#- Two-sided 97.5 % quantile of t by Cornish-Fisher (A&S 26.7.5), as in mean_bound. -#}
{% macro t_quantile(freedom) -%}
(
    {{ z() }}
    + 2.372271230298562e0 / ({{ freedom }})
    + 2.8224986157396112e0 / power({{ freedom }}, 2)
    + 2.555849679507722e0 / power({{ freedom }}, 3)
    + 1.5895340533938225e0 / power({{ freedom }}, 4)
)
{%- endmacro %}

{#- Squared standard error of a mean from count, sum and sum of squares; NULL below two values. -#}
{% macro squared_error(rows, total, squares) -%}
case
    when {{ rows }} >= 2 and {{ squares }} > {{ total }} * {{ total }} / {{ rows }}
        then
            ({{ squares }} - {{ total }} * {{ total }} / {{ rows }})
            / ({{ rows }} - 1) / {{ rows }}
    when {{ rows }} >= 2 and {{ squares }} is not null and {{ total }} is not null then 0e0
end
{%- endmacro %}

{#- A query that judges each row of the table `cells`: a KPI before and after, beside a control.
    Reads decision_id, interval_method, is_ratio, direction and, plain and with the prefix control_,
    dispersion and before_ and after_ numerator, denominator and squares (doubles). Gives these and,
    of the row and of its control, before_value, after_value, effect, effect_lower, effect_upper;
    then effect_kind (difference or ratio), vs_control, vs_control_lower, vs_control_upper and
    detectable_effect. -#}
{% macro review_effects(cells) -%}
{%- set series = ['', 'control_'] -%}
{%- set q = power_z_squared() -%}
with valued as (
    select
        cells.*,
        case when cells.interval_method in ('wilson', 'mean') then 'difference' else 'ratio' end
            as effect_kind,
        -- the direction that is good, and of the count under a cost: less apiece is more of them
        case when cells.direction = 'down' then -1e0 else 1e0 end as good,
        case
            when cells.interval_method = 'cost_per_count' and cells.direction = 'up' then -1e0
            when cells.interval_method <> 'cost_per_count' and cells.direction = 'down' then -1e0
            else 1e0
        end as good_count
        {%- for role in series %},
        case
            when cells.interval_method = 'cost_per_count'
                then cells.{{ role }}after_numerator / nullif(cells.{{ role }}before_numerator, 0)
            when cells.interval_method = 'count' then 1e0
        end as {{ role }}exposure
        {%- for side in ['before', 'after'] %}
        {%- set this = 'cells.' ~ role ~ side %},
        case
            when cells.is_ratio then {{ this }}_numerator / nullif({{ this }}_denominator, 0)
            else {{ this }}_numerator
        end as {{ role }}{{ side }}_value,
        case
            when cells.interval_method = 'count' then {{ this }}_numerator
            when cells.interval_method = 'cost_per_count' then {{ this }}_denominator
        end as {{ role }}{{ side }}_events,
        {{ squared_error(this ~ '_denominator', this ~ '_numerator', this ~ '_squares') }}
            as {{ role }}{{ side }}_error
        {%- endfor %}
        {%- endfor %}
    from {{ cells }} as cells
),

-- Counts divided by their dispersion have the interval of z × the root of the dispersion.
scaled as (
    select
        valued.*
        {%- for role in series %},
        {{ role }}before_events / coalesce({{ role }}dispersion, 1e0) as {{ role }}before_scaled,
        {{ role }}after_events / coalesce({{ role }}dispersion, 1e0) as {{ role }}after_scaled,
        power({{ role }}before_error + {{ role }}after_error, 2) / nullif(
            power({{ role }}before_error, 2) / nullif({{ role }}before_denominator - 1, 0)
            + power({{ role }}after_error, 2) / nullif({{ role }}after_denominator - 1, 0),
            0
        ) as {{ role }}freedom
        {%- endfor %}
    from valued
),

-- Rates: Newcombe 1998, method 10. Means: Welch 1947. A cost apiece: its count, the cost known.
bounded as (
    select
        scaled.*
        {%- for role in series %},
        case
            when interval_method = 'mean' and {{ role }}before_error + {{ role }}after_error is null
                then null
            when
                interval_method = 'wilson'
                and ({{ role }}before_value > 1 or {{ role }}after_value > 1)
                then null
            when {{ role }}before_events < 0 or {{ role }}after_events < 0 then null
            when effect_kind = 'difference' then {{ role }}after_value - {{ role }}before_value
            else {{ role }}after_value / nullif({{ role }}before_value, 0)
        end as {{ role }}effect
        {%- for bound, sign in [('lower', '-'), ('upper', '+')] %}
        {%- set other = 'upper' if bound == 'lower' else 'lower' %}
        {%- set pair = [role ~ 'before_scaled', role ~ 'after_scaled'] %}
        {%- set rates = [
            role ~ 'before_numerator', role ~ 'before_denominator',
            role ~ 'after_numerator', role ~ 'after_denominator'
        ] %},
        case interval_method
            when 'wilson' then {{ newcombe_lower(*rates) if bound == 'lower' else newcombe_upper(*rates) }}
            when 'mean' then
                {{ role }}after_value - {{ role }}before_value {{ sign }} case
                    when {{ role }}before_error + {{ role }}after_error > 0
                        then
                            {{ t_quantile(role ~ 'freedom') }}
                            * sqrt({{ role }}before_error + {{ role }}after_error)
                    when {{ role }}before_error + {{ role }}after_error = 0 then 0e0
                end
            when 'count' then
                {{ count_ratio_lower(*pair) if bound == 'lower' else count_ratio_upper(*pair) }}
            when 'cost_per_count' then
                {{ role }}exposure / nullif(
                    {{ count_ratio_upper(*pair) if bound == 'lower' else count_ratio_lower(*pair) }},
                    0
                )
        end as {{ role }}effect_{{ bound }}
        {%- endfor %}
        {%- endfor %}
    from scaled
),

compared as (
    select
        bounded.*,
        case when interval_method = 'count' then {{ log_ratio_vs_control(
            'before_events', 'after_events', 'control_before_events', 'control_after_events') }} end
            as log_ratio,
        case when interval_method = 'count' then {{ log_ratio_vs_control_error(
            'before_events', 'after_events', 'control_before_events', 'control_after_events',
            'dispersion', 'control_dispersion') }} end
            as log_error,
        case
            when interval_method = 'wilson' and before_value between 0 and 1 and after_denominator > 0
                then (
                    2 * before_value + {{ q }} / after_denominator
                    + good * sqrt(
                        power(2 * before_value + {{ q }} / after_denominator, 2)
                        - 4 * (1 + {{ q }} / after_denominator) * before_value * (
                            before_value - {{ q }} * (1 - before_value) / before_denominator
                        )
                    )
                ) / (2 * (1 + {{ q }} / after_denominator))
            when interval_method = 'mean'
                then good * sqrt({{ q }} * (before_error + after_error))
            when exposure > 0 and before_scaled > 0 then
                1 + (
                    {{ q }} + good_count * sqrt(
                        {{ q }} * {{ q }}
                        + 4 * {{ q }} * exposure * before_scaled * (1 + exposure)
                    )
                ) / (2 * exposure * before_scaled)
        end as detectable
    from bounded
)

select
    compared.*,
    -- Differences beside a control: MOVER (Zou & Donner 2008) from the two intervals.
    case
        when interval_method = 'count' then exp(log_ratio)
        when effect_kind = 'difference' then effect - control_effect
    end as vs_control,
    case
        when interval_method = 'count' then exp(log_ratio - {{ z() }} * log_error)
        when effect_kind = 'difference' then
            effect - control_effect - sqrt(
                power(effect - effect_lower, 2) + power(control_effect_upper - control_effect, 2)
            )
    end as vs_control_lower,
    case
        when interval_method = 'count' then exp(log_ratio + {{ z() }} * log_error)
        when effect_kind = 'difference' then
            effect - control_effect + sqrt(
                power(effect_upper - effect, 2) + power(control_effect - control_effect_lower, 2)
            )
    end as vs_control_upper,
    -- What 80 of 100 samples of this size would show, in the direction that is good.
    case
        when interval_method = 'wilson' and detectable between 0 and 1
            then detectable - before_value
        when interval_method = 'mean' then detectable
        when interval_method = 'count' and detectable > 0 then detectable
        when interval_method = 'cost_per_count' and detectable > 0 then 1 / detectable
    end as detectable_effect
from compared
{%- endmacro %}

{#- The verdict on a column of that query with its bounds: up or down when the interval excludes no
    effect (0 of a difference, 1 of a ratio). Each bound may be NULL alone. -#}
{% macro effect_verdict(column) -%}
case
    when {{ column }} is null and {{ column }}_lower is null and {{ column }}_upper is null
        then 'no data'
    when interval_method = 'none' then 'no interval'
    when {{ column }}_lower is null and {{ column }}_upper is null then 'no interval'
    when {{ column }}_lower > case when effect_kind = 'ratio' then 1e0 else 0e0 end then 'up'
    when {{ column }}_upper < case when effect_kind = 'ratio' then 1e0 else 0e0 end then 'down'
    else 'no clear effect'
end
{%- endmacro %}
