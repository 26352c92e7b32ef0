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

{#- share × later rounded to whole 1e-14ths: such sums are exact, so that no order of rows changes
    them, and what has become smaller drops out. -#}
{% macro fourteen_places(share, later) -%}
cast(sum(cast(round({{ share }} * {{ later }} * 1e14) as bigint)) as double) / 1e14
{%- endmacro %}

{#- Body of CTEs from `walks` (conversion_kind, from_state, to_state, walks) to `removal_effects`.
    States are numbers from 1, no two kinds share one; 0 is the start, -1 a conversion, -2 the end of
    a path without one. Steps double: after k of them every walk of up to 2^k contacts is in
    `visits_k`; of walks that have ended nothing is left, which makes the later steps all but free.
    Visits from the start are known without a sum: the chain visits a state as often as the paths. -#}
{% macro markov_ctes(walks, doublings=14) -%}
outgoing as (

    select
        from_state,
        to_state,
        cast(walks as double) / sum(cast(walks as double)) over (partition by from_state) as share
    from {{ walks }}
    where
        from_state > 0
        and from_state <> to_state

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
        from_state,
        to_state,
        share
    from outgoing
    where to_state > 0

),

visits_0 as (

    select
        state as from_state,
        state as to_state,
        1e0 as visits
    from visited

),

{% for step in range(doublings) -%}
visits_{{ step + 1 }} as (

    select
        from_state,
        to_state,
        {{ fourteen_places('share', 'visits') }} as visits
    from (
        select
            from_state,
            to_state,
            1e0 as share,
            visits
        from visits_{{ step }}

        union all

        select
            walking.from_state,
            later.to_state,
            walking.share,
            later.visits
        from walking_{{ step }} as walking
        inner join visits_{{ step }} as later
            on walking.to_state = later.from_state
    ) as added
    group by from_state, to_state

),

walking_{{ step + 1 }} as (

    select
        walking.from_state,
        later.to_state,
        {{ fourteen_places('walking.share', 'later.share') }} as share
    from walking_{{ step }} as walking
    inner join walking_{{ step }} as later
        on walking.to_state = later.from_state
    group by walking.from_state, later.to_state
    having {{ fourteen_places('walking.share', 'later.share') }} > 0

),

{% endfor -%}
-- Who is still under way after the last step has neither converted nor ended: it must be nobody.
under_way as (

    select
        from_state as state,
        {{ fourteen_places('1e0', 'share') }} as still_walking
    from walking_{{ doublings }}
    group by from_state

),

converting as (

    select
        visits.from_state as state,
        {{ fourteen_places('visits.visits', 'outgoing.share') }} as conversion_share
    from visits_{{ doublings }} as visits
    inner join outgoing
        on visits.to_state = outgoing.from_state
    where outgoing.to_state = -1
    group by visits.from_state

),

removal_effects as (

    select
        visited.conversion_kind,
        visited.state,
        round(
            visited.visits * coalesce(converting.conversion_share, 0e0)
            / (visits.visits * converted.conversions),
            12
        ) as removal_effect,
        coalesce(under_way.still_walking, 0e0) as still_walking
    from visited
    inner join converted
        on visited.conversion_kind = converted.conversion_kind
    inner join visits_{{ doublings }} as visits
        on
            visited.state = visits.from_state
            and visited.state = visits.to_state
    left join converting
        on visited.state = converting.state
    left join under_way
        on visited.state = under_way.state

)
{%- endmacro %}
