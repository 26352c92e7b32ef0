{#- First-order Markov chain of contacts, and what it loses without one of them (removal effect:
    Anderl et al. 2016). Plain jinja on purpose: tests/test_attribution.py renders these macros.

    Credits of touches come first: `touch` and `touches` number a path's contacts from 1. -#}
{% macro credit_first(touch) -%}
case when {{ touch }} = 1 then 1e0 else 0e0 end
{%- endmacro %}

{% macro credit_last(touch, touches) -%}
case when {{ touch }} = {{ touches }} then 1e0 else 0e0 end
{%- endmacro %}

{% macro credit_linear(touches) -%}
1e0 / {{ touches }}
{%- endmacro %}

{#- 40 % for the first, 40 % for the last, 20 % among those between. -#}
{% macro credit_position(touch, touches) -%}
case
    when {{ touches }} = 1 then 1e0
    when {{ touches }} = 2 then 0.5e0
    when {{ touch }} = 1 or {{ touch }} = {{ touches }} then 0.4e0
    else 0.2e0 / ({{ touches }} - 2)
end
{%- endmacro %}

{#- Weight of a touch so many seconds before the path's last one: half after seven days. An exact
    decimal, so that no order of rows changes their sum. -#}
{% macro time_decay_weight(seconds) -%}
cast(power(2e0, -({{ seconds }}) / 604800e0) as decimal(18, 17))
{%- endmacro %}

{#- Body of CTEs from `walks` (conversion_kind, from_state, to_state, walks) to `removal_effects`.
    States are numbers from 1; 0 is the start, -1 a conversion, -2 the end of a path without one.
    Steps double: after k of them every walk of up to 2^k contacts is in `visits_k`. Sums are exact
    decimals (no order of rows changes them), and what has become less than 1e-18 drops out, which
    makes the later steps all but free. Visits from the start are known without a sum: the chain
    visits a state as often as the paths do. -#}
{% macro markov_ctes(walks, doublings=14) -%}
outgoing as (

    select
        conversion_kind,
        from_state,
        to_state,
        cast(walks as double)
        / sum(cast(walks as double)) over (partition by conversion_kind, from_state) as share
    from {{ walks }}
    where from_state <> to_state

),

visited as (

    select
        conversion_kind,
        to_state as state,
        cast(sum(walks) as double) as visits
    from {{ walks }}
    where
        to_state > 0
        and from_state <> to_state
    group by conversion_kind, to_state

),

converted as (

    select
        conversion_kind,
        cast(sum(walks) as double) as conversions
    from {{ walks }}
    where to_state = -1
    group by conversion_kind

),

walking_0 as (

    select
        conversion_kind,
        from_state,
        to_state,
        cast(share as decimal(38, 18)) as share
    from outgoing
    where
        from_state > 0
        and to_state > 0

),

visits_0 as (

    select
        conversion_kind,
        state as from_state,
        state as to_state,
        cast(1 as decimal(38, 18)) as visits
    from visited

),

{% for step in range(doublings) -%}
visits_{{ step + 1 }} as (

    select
        conversion_kind,
        from_state,
        to_state,
        cast(sum(visits) as decimal(38, 18)) as visits
    from (
        select
            conversion_kind,
            from_state,
            to_state,
            visits
        from visits_{{ step }}

        union all

        select
            walking.conversion_kind,
            walking.from_state,
            later.to_state,
            cast(
                cast(walking.share as double) * cast(later.visits as double) as decimal(38, 18)
            ) as visits
        from walking_{{ step }} as walking
        inner join visits_{{ step }} as later
            on
                walking.conversion_kind = later.conversion_kind
                and walking.to_state = later.from_state
    ) as added
    group by conversion_kind, from_state, to_state

),

walking_{{ step + 1 }} as (

    select
        walking.conversion_kind,
        walking.from_state,
        later.to_state,
        cast(
            sum(
                cast(
                    cast(walking.share as double) * cast(later.share as double)
                    as decimal(38, 18)
                )
            ) as decimal(38, 18)
        ) as share
    from walking_{{ step }} as walking
    inner join walking_{{ step }} as later
        on
            walking.conversion_kind = later.conversion_kind
            and walking.to_state = later.from_state
    group by walking.conversion_kind, walking.from_state, later.to_state
    having
        sum(
            cast(cast(walking.share as double) * cast(later.share as double) as decimal(38, 18))
        ) > 0

),

{% endfor -%}
-- Who is still under way after the last step has neither converted nor ended: it must be nobody.
under_way as (

    select
        conversion_kind,
        from_state as state,
        cast(sum(share) as double) as still_walking
    from walking_{{ doublings }}
    group by conversion_kind, from_state

),

converting as (

    select
        visits.conversion_kind,
        visits.from_state as state,
        cast(
            sum(cast(cast(visits.visits as double) * outgoing.share as decimal(38, 18))) as double
        ) as conversion_share
    from visits_{{ doublings }} as visits
    inner join outgoing
        on
            visits.conversion_kind = outgoing.conversion_kind
            and visits.to_state = outgoing.from_state
    where outgoing.to_state = -1
    group by visits.conversion_kind, visits.from_state

),

removal_effects as (

    select
        visited.conversion_kind,
        visited.state,
        visited.visits * coalesce(converting.conversion_share, 0e0)
        / (cast(visits.visits as double) * converted.conversions) as removal_effect,
        coalesce(under_way.still_walking, 0e0) as still_walking
    from visited
    inner join converted
        on visited.conversion_kind = converted.conversion_kind
    inner join visits_{{ doublings }} as visits
        on
            visited.conversion_kind = visits.conversion_kind
            and visited.state = visits.from_state
            and visited.state = visits.to_state
    left join converting
        on
            visited.conversion_kind = converting.conversion_kind
            and visited.state = converting.state
    left join under_way
        on
            visited.conversion_kind = under_way.conversion_kind
            and visited.state = under_way.state

)
{%- endmacro %}
