{#- Many small rates of one group, each pulled towards the group's by as much as chance explains
    (beta-binomial, moments of Kleinman 1973). To rank by; Wilson's interval judges a target. -#}

{#- Shrinks the rate of each row of `cells` (columns: group_key, cell, and as doubles hits, trials;
    a cell is unique within its group). Gives those two keys and cells_in_group, prior_rate,
    prior_strength (trials that the prior is worth), a and b of the cell's beta distribution,
    shrunk_rate, shrunk_lower_95 and shrunk_upper_95 (Paulson 1942). A cell without trials gets the
    prior; fewer than three cells borrow nothing (Jeffreys: rate 0.5, strength 1). Cells with more
    hits than trials are no rates: all their results are NULL.
    The spread between cells is raised by two standard errors: taken as measured, it is 0 in more
    than half of the groups and the intervals then hold the truth half of the time only. -#}
{% macro shrunk_rates(cells) -%}
select
    ends.group_key,
    ends.cell,
    ends.cells_in_group,
    ends.prior_rate,
    ends.prior_strength,
    ends.a,
    ends.b,
    ends.a / (ends.a + ends.b) as shrunk_rate,
    case when ends.a <= ends.b then ends.lower_end else 1 - ends.upper_end end as shrunk_lower_95,
    case when ends.a <= ends.b then ends.upper_end else 1 - ends.lower_end end as shrunk_upper_95
from (
    select
        cubes.*,
        cubes.lower_cube / (cubes.larger + cubes.lower_cube) as lower_end,
        cubes.upper_cube / (cubes.larger + cubes.upper_cube) as upper_end
    from (
        select
            terms.*,
            {%- for end, sign in [('lower', '-'), ('upper', '+')] %}
            case
                when terms.larger >= 1 then terms.smaller * power(greatest(
                    0e0,
                    (
                        (1 - terms.c1) * (1 - terms.c2) {{ sign }} {{ z() }} * sqrt(greatest(
                            0e0,
                            terms.c1 * power(1 - terms.c2, 2) + terms.c2 * power(1 - terms.c1, 2)
                            - {{ z() }} * {{ z() }} * terms.c1 * terms.c2
                        ))
                    ) / (power(1 - terms.c2, 2) - {{ z() }} * {{ z() }} * terms.c2)
                ), 3)
            end as {{ end }}_cube{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                posterior.*,
                case when a <= b then a else b end as smaller,
                case when a <= b then b else a end as larger,
                1 / (9 * case when a <= b then a else b end) as c1,
                1 / (9 * case when a <= b then b else a end) as c2
            from (
                select
                    cells.group_key,
                    cells.cell,
                    lent.cells_in_group,
                    lent.prior_rate,
                    lent.prior_strength,
                    case
                        when cells.hits >= 0 and cells.hits <= cells.trials
                            then lent.prior_rate * lent.prior_strength + cells.hits
                    end as a,
                    case
                        when cells.hits >= 0 and cells.hits <= cells.trials
                            then (1 - lent.prior_rate) * lent.prior_strength
                                + cells.trials - cells.hits
                    end as b
                from {{ cells }} as cells
                inner join ({{ group_priors(cells) }}) as lent
                    on cells.group_key = lent.group_key
            ) as posterior
        ) as terms
    ) as cubes
) as ends
{%- endmacro %}

{#- The rate and strength that each group lends to its cells. -#}
{% macro group_priors(cells) -%}
select
    spread.group_key,
    cast(spread.cells_in_group as bigint) as cells_in_group,
    case when spread.rho is null then 0.5e0 else spread.rate end as prior_rate,
    case
        when spread.rho is null then 1e0
        when (1 - spread.rho) / spread.rho > 2 then (1 - spread.rho) / spread.rho
        else 2e0
    end as prior_strength
from (
    select
        moments.group_key,
        moments.cells_in_group,
        moments.rate,
        case
            when moments.cells_in_group >= 3 and moments.d > 0 then
                greatest(
                    (moments.s - moments.rate * (1 - moments.rate) * (moments.cells_in_group - 1))
                    / (moments.rate * (1 - moments.rate) * moments.d),
                    0e0
                ) + 2 * sqrt(2 * (moments.cells_in_group - 1)) / moments.d
        end as rho
    from (
        select
            sums.group_key,
            sums.cells_in_group,
            (sums.hits + 0.5e0) / (sums.trials + 1) as rate,
            sums.hits_over_trials - sums.hits * sums.hits / nullif(sums.trials, 0) as s,
            sums.trials - sums.squares / nullif(sums.trials, 0) - (sums.cells_in_group - 1) as d
        from (
            select
                group_key,
                sum(case when is_rate then 1e0 else 0e0 end) as cells_in_group,
                coalesce(sum(case when is_rate then trials end), 0e0) as trials,
                coalesce(sum(case when is_rate then hits end), 0e0) as hits,
                sum(case when is_rate then trials * trials end) as squares,
                sum(case when is_rate then hits * hits / trials end) as hits_over_trials
            from (
                select
                    group_key,
                    hits,
                    trials,
                    trials > 0 and hits >= 0 and hits <= trials as is_rate
                from {{ cells }}
            ) as cells_flagged
            group by group_key
        ) as sums
    ) as moments
) as spread
{%- endmacro %}

{#- Normal distribution function of an SQL expression (Abramowitz & Stegun 26.2.17). -#}
{% macro normal_cdf(x) -%}
{%- set t = '(1 / (1 + 0.2316419e0 * abs(' ~ x ~ ')))' -%}
{%- set tail -%}
0.3989422804014327e0 * exp(-({{ x }}) * ({{ x }}) / 2) * {{ t }} * (
    0.319381530e0 + {{ t }} * (
        -0.356563782e0 + {{ t }} * (
            1.781477937e0 + {{ t }} * (-1.821255978e0 + {{ t }} * 1.330274429e0)
        )
    )
)
{%- endset -%}
case when {{ x }} >= 0 then 1 - {{ tail }} when {{ x }} < 0 then {{ tail }} end
{%- endmacro %}

{% macro digamma(x) -%}
(ln({{ x }} + 0.5e0) + 1 / (24 * power({{ x }} + 0.5e0, 2)) - 1 / {{ x }})
{%- endmacro %}

{% macro trigamma(x) -%}
(1 / ({{ x }} + 0.5e0) - 1 / (12 * power({{ x }} + 0.5e0, 3)) + 1 / power({{ x }}, 2))
{%- endmacro %}

{#- How far beta (a1, b1) lies above beta (a2, b2), in standard deviations of their log odds; the
    probability that the first rate is greater is normal_cdf() of it. NULL unless all > 0. -#}
{% macro log_odds_lead(a1, b1, a2, b2) -%}
case
    when {{ a1 }} > 0 and {{ b1 }} > 0 and {{ a2 }} > 0 and {{ b2 }} > 0 then
        ({{ digamma(a1) }} - {{ digamma(b1) }} - {{ digamma(a2) }} + {{ digamma(b2) }})
        / sqrt({{ trigamma(a1) }} + {{ trigamma(b1) }} + {{ trigamma(a2) }} + {{ trigamma(b2) }})
end
{%- endmacro %}
