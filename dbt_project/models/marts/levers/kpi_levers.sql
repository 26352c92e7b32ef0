{#- Below this many outcomes on either side a probability says more than the data do. -#}
{%- set fewest_outcomes = 3 -%}
with

goals as (

    select
        goal,
        outcome_measure,
        cost_measure
    from {{ ref('goals') }}

),

-- Days whose outcomes may still come are left out: of clicks and of outcomes alike.
cut_offs as (

    select
        goals.goal,
        cast({{ dbt.dateadd(
            'day', '-coalesce(max(kpi_definitions.maturity_days), 0)', 'run.business_date'
        ) }} as date) as last_day
    from goals
    cross join {{ ref('stg_ops__run') }} as run
    left join {{ ref('kpi_definitions') }} as kpi_definitions
        on
            goals.outcome_measure = kpi_definitions.numerator_measure
            or goals.outcome_measure = kpi_definitions.denominator_measure
    group by goals.goal, run.business_date

),

-- What only one goal counts shows even without a campaign that says whom it was for.
measure_goals as (

    select
        goal,
        outcome_measure as measure
    from goals

    union distinct

    select
        goal,
        cost_measure as measure
    from goals

),

lever_days as (

    -- the campaign's audience on both sides: an outcome does not know which ad's own audience
    -- it came from, and a rate of 0 for that audience would be made up
    select
        coalesce(dim_campaigns.goal, measure_goals.goal) as goal,
        days.day,
        days.platform,
        dim_campaigns.audience,
        dim_campaigns.message,
        days.channel_kind,
        case when dim_campaigns.goal is not null then days.campaign end as campaign,
        days.measure,
        days.value
    from {{ ref('metric_days') }} as days
    inner join {{ ref('dim_campaigns') }} as dim_campaigns
        on days.campaign = dim_campaigns.campaign
    left join measure_goals
        on
            days.measure = measure_goals.measure
            and dim_campaigns.goal is null

),

summed as (

    select
        goals.goal,
        days.platform,
        days.audience,
        days.message,
        min(days.channel_kind) as channel_kind,
        count(distinct days.campaign) as campaigns,
        sum(
            case
                when days.campaign is null and days.measure = goals.outcome_measure then 1 else 0
            end
        ) as outcomes_without_campaign,
        cast(sum(case when days.measure = 'clicks' then days.value end) as double) as clicks,
        cast(
            sum(case when days.measure in ('likes', 'comments', 'shares') then days.value end)
            as double
        ) as engagements,
        cast(
            sum(case when days.measure = goals.outcome_measure then days.value end) as double
        ) as outcomes,
        cast(
            sum(case when days.measure = goals.cost_measure then days.value end) as decimal(38, 6)
        ) as cost
    from lever_days as days
    inner join goals
        on days.goal = goals.goal
    inner join cut_offs
        on
            goals.goal = cut_offs.goal
            and days.day <= cut_offs.last_day
    group by
        goals.goal,
        days.platform,
        days.audience,
        days.message

),

tried as (

    -- one denominator per goal; where its system reports outcomes, none is 0. The clicks behind
    -- outcomes without a campaign have no goal, so that these outcomes have no trials.
    select
        summed.*,
        {{ dbt.concat(['goal', "' on '", 'platform']) }} as group_key,
        {{ dbt.concat(['audience', "' | '", 'message']) }} as cell,
        case
            when outcomes_without_campaign > 0 then null
            when sum(clicks) over (partition by goal) > 0 then clicks
            else engagements
        end as trials,
        case
            when outcomes is null and sum(outcomes) over (partition by goal) is not null then 0e0
            else outcomes
        end as hits
    from summed

),

cells as (

    select
        group_key,
        cell,
        hits,
        trials
    from tried
    where trials is not null and hits is not null

),

shrunk as (

    {{ shrunk_rates('cells') }}

),

ranked as (

    select
        tried.*,
        shrunk.cells_in_group,
        shrunk.prior_rate,
        shrunk.prior_strength,
        shrunk.a,
        shrunk.b,
        shrunk.shrunk_rate,
        shrunk.shrunk_lower_95,
        shrunk.shrunk_upper_95,
        row_number() over (
            partition by tried.goal, tried.platform
            order by
                case when shrunk.shrunk_rate is null then 1 else 0 end,
                shrunk.shrunk_rate desc,
                tried.audience asc,
                tried.message asc
        ) as place,
        case when shrunk.shrunk_rate is not null then tried.hits end as ranked_hits,
        case when shrunk.shrunk_rate is not null then tried.trials end as ranked_trials
    from tried
    left join shrunk
        on
            tried.group_key = shrunk.group_key
            and tried.cell = shrunk.cell

),

rivalled as (

    select
        ranked.*,
        sum(ranked_hits) over (partition by goal, platform) - hits as other_hits,
        sum(ranked_trials) over (partition by goal, platform) - trials as other_trials,
        lead(ranked_hits) over (partition by goal, platform order by place) as next_hits,
        lead(a) over (partition by goal, platform order by place) as next_a,
        lead(b) over (partition by goal, platform order by place) as next_b
    from ranked

),

led as (

    select
        rivalled.*,
        case
            when
                hits >= {{ fewest_outcomes }}
                and other_hits >= {{ fewest_outcomes }}
                then {{ log_odds_lead(
                    'a', 'b', '(other_hits + 0.5e0)', '(other_trials - other_hits + 0.5e0)'
                ) }}
        end as lead_over_rest,
        case
            when
                hits >= {{ fewest_outcomes }}
                and next_hits >= {{ fewest_outcomes }}
                then {{ log_odds_lead('a', 'b', 'next_a', 'next_b') }}
        end as lead_over_next
    from rivalled

),

final as (

    select
        goal,
        platform,
        audience,
        message,
        channel_kind,
        cast(campaigns as {{ dbt.type_bigint() }}) as campaigns,
        cast(trials as {{ dbt.type_bigint() }}) as trials,
        cast(hits as {{ dbt.type_bigint() }}) as outcomes,
        hits / nullif(trials, 0) as rate,
        {{ wilson_lower('hits', 'trials') }} as rate_lower_95,
        {{ wilson_upper('hits', 'trials') }} as rate_upper_95,
        shrunk_rate,
        shrunk_lower_95,
        shrunk_upper_95,
        cast(case when shrunk_rate is not null then place end as {{ dbt.type_bigint() }})
            as lever_rank,
        cells_in_group as levers_in_group,
        prior_rate,
        prior_strength,
        cast(round(100 * {{ normal_cdf('lead_over_rest') }}) as {{ dbt.type_bigint() }})
            as percent_better_than_rest,
        cast(round(100 * {{ normal_cdf('lead_over_next') }}) as {{ dbt.type_bigint() }})
            as percent_better_than_next,
        cost,
        cast(cost as double) / nullif(hits, 0) as cost_per_outcome,
        a as _a,
        b as _b
    from led

)

select * from final
order by goal, platform, audience, message
