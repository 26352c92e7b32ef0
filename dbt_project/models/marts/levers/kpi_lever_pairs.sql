{#- Below this many outcomes on either side a probability says more than the data do. -#}
{%- set fewest_outcomes = 3 -%}
with

kpi_levers as (

    select
        goal,
        platform,
        audience,
        message,
        outcomes,
        lever_rank,
        _a,
        _b
    from {{ ref('kpi_levers') }}
    where lever_rank is not null

),

led as (

    select
        better.goal,
        better.platform,
        better.audience,
        better.message,
        better.lever_rank,
        other.audience as other_audience,
        other.message as other_message,
        other.lever_rank as other_rank,
        case
            when
                better.outcomes >= {{ fewest_outcomes }}
                and other.outcomes >= {{ fewest_outcomes }}
                then {{ log_odds_lead('better._a', 'better._b', 'other._a', 'other._b') }}
        end as lead
    from kpi_levers as better
    inner join kpi_levers as other
        on
            better.goal = other.goal
            and better.platform = other.platform
            and better.lever_rank < other.lever_rank

),

final as (

    select
        goal,
        platform,
        audience,
        message,
        other_audience,
        other_message,
        lever_rank,
        other_rank,
        cast(round(100 * {{ normal_cdf('lead') }}) as {{ dbt.type_bigint() }}) as percent_better
    from led

)

select * from final
order by goal, platform, lever_rank, other_rank
