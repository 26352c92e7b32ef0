{#- 95 % intervals and the rules built on them. Arguments are SQL expressions of type double; a
    bound that does not exist is NULL. Plain jinja on purpose: tests/test_kpis.py renders these
    macros and compares them with reference values. -#}

{#- The normal quantile as a double: without the exponent both engines read a decimal. -#}
{% macro z() %}1.959963984540054e0{% endmacro %}

{#- Wilson (1927) score interval of `hits` out of `trials`; NULL unless 0 <= hits <= trials. -#}
{% macro wilson_lower(hits, trials) -%}
case
    when {{ trials }} is null or {{ hits }} is null then null
    when {{ trials }} <= 0 or {{ hits }} < 0 or {{ hits }} > {{ trials }} then null
    when {{ hits }} = 0 then 0e0
    else
        ({{ hits }} + {{ z() }} * {{ z() }} / 2) / ({{ trials }} + {{ z() }} * {{ z() }})
        - {{ z() }} / ({{ trials }} + {{ z() }} * {{ z() }})
        * sqrt({{ hits }} * ({{ trials }} - {{ hits }}) / {{ trials }} + {{ z() }} * {{ z() }} / 4)
end
{%- endmacro %}

{% macro wilson_upper(hits, trials) -%}
case
    when {{ trials }} is null or {{ hits }} is null then null
    when {{ trials }} <= 0 or {{ hits }} < 0 or {{ hits }} > {{ trials }} then null
    when {{ hits }} = {{ trials }} then 1e0
    else
        ({{ hits }} + {{ z() }} * {{ z() }} / 2) / ({{ trials }} + {{ z() }} * {{ z() }})
        + {{ z() }} / ({{ trials }} + {{ z() }} * {{ z() }})
        * sqrt({{ hits }} * ({{ trials }} - {{ hits }}) / {{ trials }} + {{ z() }} * {{ z() }} / 4)
end
{%- endmacro %}

{#- Byar's approximation of the Poisson interval of a count (Breslow & Day 1987). Up to 100 the
    exact bounds of the seed poisson_bounds come first: Byar is 48 % off at one event. -#}
{% macro byar_lower(events) -%}
case
    when {{ events }} is null or {{ events }} < 0 then null
    when {{ events }} = 0 then 0e0
    else
        {{ events }} * power(
            greatest(0e0, 1 - 1 / (9 * {{ events }}) - {{ z() }} / (3 * sqrt({{ events }}))), 3
        )
end
{%- endmacro %}

{% macro byar_upper(events) -%}
case
    when {{ events }} is null or {{ events }} < 0 then null
    else
        ({{ events }} + 1) * power(
            1 - 1 / (9 * ({{ events }} + 1)) + {{ z() }} / (3 * sqrt({{ events }} + 1)), 3
        )
end
{%- endmacro %}

{#- Interval of a known cost over a Poisson count, from that count's bounds. Without an event the
    upper bound is NULL (unbounded), the lower one still says "at least". -#}
{% macro cost_per_count_lower(cost, events_upper) -%}
case when {{ cost }} >= 0 then {{ cost }} / nullif({{ events_upper }}, 0) end
{%- endmacro %}

{% macro cost_per_count_upper(cost, events_lower) -%}
case when {{ cost }} >= 0 then {{ cost }} / nullif({{ events_lower }}, 0) end
{%- endmacro %}

{#- t interval of a mean from count, sum and sum of squares; t by Cornish-Fisher (A&S 26.7.5).
    `sign` is '-' or '+'; NULL below two values. -#}
{% macro mean_bound(rows, total, squares, sign) -%}
case
    when {{ rows }} >= 2 then
        {{ total }} / {{ rows }} {{ sign }} (
            {{ z() }}
            + 2.372271230298562e0 / ({{ rows }} - 1)
            + 2.8224986157396112e0 / power({{ rows }} - 1, 2)
            + 2.555849679507722e0 / power({{ rows }} - 1, 3)
            + 1.5895340533938225e0 / power({{ rows }} - 1, 4)
        ) * sqrt(
            case
                when {{ squares }} > {{ total }} * {{ total }} / {{ rows }}
                    then ({{ squares }} - {{ total }} * {{ total }} / {{ rows }}) / ({{ rows }} - 1)
                when {{ squares }} is not null and {{ total }} is not null then 0e0
            end / {{ rows }}
        )
end
{%- endmacro %}

{#- Where an interval lies against a target: on, off or undecided. Each bound may be NULL alone. -#}
{% macro against_target(lower, upper, target, direction) -%}
case
    when {{ direction }} = 'up' and {{ lower }} >= {{ target }} then 'on_target'
    when {{ direction }} = 'up' and {{ upper }} < {{ target }} then 'off_target'
    when {{ direction }} = 'down' and {{ upper }} <= {{ target }} then 'on_target'
    when {{ direction }} = 'down' and {{ lower }} > {{ target }} then 'off_target'
    else 'undecided'
end
{%- endmacro %}

{#- Judges each campaign of `cells` against the others of its peer_group: is it in the top quarter
    of engagement, clearly above the rest, and its outcome rate at least a quarter below theirs?
    Reads peer_group, campaign, impressions (of a group rated by views: these), engagements, trials,
    outcomes (doubles); gives those two keys, peers (campaigns in the group), expected_outcomes,
    ratio, ratio_upper and verdict. -#}
{% macro vanity_verdicts(cells) -%}
select
    judged.peer_group,
    judged.campaign,
    judged.peers,
    case when judged.trials > 0 and judged.other_trials > 0 then judged.trials * judged.other_rate end
        as expected_outcomes,
    judged.outcomes / nullif(judged.trials, 0) / nullif(judged.other_rate, 0) as ratio,
    judged.ratio_upper,
    case
        when judged.engagement_rank > ceil(judged.peers / 4e0) then 'no'
        when judged.own_engagement_rate < 1.25e0 * judged.other_engagement_rate then 'no'
        when coalesce(judged.trials * judged.other_rate, 0e0) < 5 then 'undecided'
        when judged.ratio_upper < 0.75e0 then 'confirmed'
        when
            judged.ratio_upper < 1
            and judged.outcomes / nullif(judged.trials, 0) <= 0.5e0 * judged.other_rate
            then 'suspected'
        else 'no'
    end as verdict
from (
    select
        compared.*,
        (compared.group_outcomes - compared.outcomes) / nullif(compared.other_trials, 0)
            as other_rate,
        case
            when compared.group_outcomes > compared.outcomes and compared.trials > 0 then
                ({{ wilson_upper('compared.outcomes', 'compared.group_outcomes') }})
                / (1 - ({{ wilson_upper('compared.outcomes', 'compared.group_outcomes') }}))
                * compared.other_trials / compared.trials
        end as ratio_upper
    from (
        select
            cells.*,
            cells.engagements / nullif(cells.impressions, 0) as own_engagement_rate,
            count(*) over (partition by cells.peer_group) as peers,
            row_number() over (
                partition by cells.peer_group
                order by
                    coalesce(cells.engagements / nullif(cells.impressions, 0), -1e0) desc,
                    cells.campaign asc
            ) as engagement_rank,
            sum(cells.trials) over (partition by cells.peer_group) - cells.trials as other_trials,
            sum(cells.outcomes) over (partition by cells.peer_group) as group_outcomes,
            (sum(cells.engagements) over (partition by cells.peer_group) - cells.engagements)
            / nullif(
                sum(cells.impressions) over (partition by cells.peer_group) - cells.impressions, 0
            ) as other_engagement_rate
        from {{ cells }} as cells
    ) as compared
) as judged
{%- endmacro %}
