{%- set metrics = [
    'impressions', 'ad_impressions', 'likes', 'comments', 'shares', 'clicks', 'spend',
    'applications'
] -%}
{#- What platforms count of it, by the fact that it is summed from. -#}
{%- set counted = {
    'post_metrics': ['impressions', 'likes', 'comments', 'shares', 'post_clicks'],
    'ad_performance': ['ad_impressions', 'ad_clicks', 'spend']
} -%}
{#- Fewer campaigns than this say nothing about each other. -#}
{%- set fewest_peers = 4 -%}

with metric_days as (
    select
        day,
        platform,
        campaign,
        measure,
        value
    from {{ ref('metric_days') }}
    where campaign <> 'unassigned'
),

dim_campaigns as (
    select
        campaign,
        goal,
        department,
        platform,
        audience,
        message,
        starts,
        ends,
        is_declared
    from {{ ref('dim_campaigns') }}
    where campaign <> 'unassigned'
),

goal_measures as (
    select
        goal,
        outcome_measure,
        cost_measure
    from {{ ref('goals') }}
),

totals as (
    select
        campaign,
        measure,
        sum(value) as value
    from metric_days
    group by campaign, measure
),

counted_days as (
    {%- for entity, measures in counted.items() %}
    select
        '{{ entity }}' as entity,
        campaign,
        platform,
        measure,
        min(day) as first_day,
        max(day) as last_day
    from metric_days
    where
        measure in (
            {%- for measure in measures %}
            '{{ measure }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by campaign, platform, measure
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A measure that ends has no days after its break, what it is set beside has: their span counts.
spans as (
    select
        entity,
        campaign,
        platform,
        min(first_day) as first_day,
        max(last_day) as last_day
    from counted_days
    group by entity, campaign, platform
),

broken as (
    select
        spans.campaign,
        max(metric_breaks.break_on) as break_on
    from spans
    inner join counted_days
        on
            spans.entity = counted_days.entity
            and spans.campaign = counted_days.campaign
            and spans.platform = counted_days.platform
    inner join {{ ref('metric_breaks') }} as metric_breaks
        on
            counted_days.entity = metric_breaks.entity
            and counted_days.platform = metric_breaks.platform
            and counted_days.measure = metric_breaks.day_measure
            and spans.first_day < metric_breaks.break_on
            and spans.last_day >= metric_breaks.break_on
    group by spans.campaign
),

-- Where a goal's system reports outcomes at all, a campaign without one has none: 0, not unknown.
goals_reported as (
    select goal_measures.goal
    from goal_measures
    inner join {{ ref('metric_days') }} as all_days
        on goal_measures.outcome_measure = all_days.measure
    group by goal_measures.goal
),

metrics as (
    select
        dim_campaigns.campaign,
        {%- for measure in metrics %}
        max(case when totals.measure = '{{ measure }}' then totals.value end) as {{ measure }},
        {%- endfor %}
        max(case when totals.measure = goal_measures.cost_measure then totals.value end) as cost,
        max(case when totals.measure = goal_measures.outcome_measure then totals.value end)
            as outcomes
    from dim_campaigns
    left join goal_measures on dim_campaigns.goal = goal_measures.goal
    left join totals on dim_campaigns.campaign = totals.campaign
    group by dim_campaigns.campaign
),

-- Sums of two sides: null only where both are unknown.
joined as (
    select
        dim_campaigns.campaign,
        dim_campaigns.goal,
        dim_campaigns.department,
        dim_campaigns.platform,
        dim_campaigns.audience,
        dim_campaigns.message,
        dim_campaigns.starts,
        dim_campaigns.ends,
        dim_campaigns.is_declared,
        cast(metrics.impressions as double) as post_impressions,
        cast(
            case
                when metrics.ad_impressions is null then metrics.impressions
                when metrics.impressions is null then metrics.ad_impressions
                else metrics.impressions + metrics.ad_impressions
            end as double
        ) as impressions,
        cast(metrics.likes as double) as likes,
        cast(metrics.comments as double) as comments,
        cast(metrics.shares as double) as shares,
        case
            when
                metrics.likes is not null
                or metrics.comments is not null
                or metrics.shares is not null
                then cast(
                    coalesce(metrics.likes, 0)
                    + coalesce(metrics.comments, 0)
                    + coalesce(metrics.shares, 0) as double
                )
        end as engagements,
        cast(metrics.clicks as double) as clicks,
        cast(metrics.spend as double) as spend,
        cast(metrics.cost as double) as cost,
        cast(metrics.applications as double) as applications,
        cast(
            case
                when metrics.outcomes is not null then metrics.outcomes
                when
                    metrics.applications is not null and dim_campaigns.goal = 'recruiting'
                    then null
                when goals_reported.goal is not null then 0
            end as double
        ) as outcomes
    from dim_campaigns
    inner join metrics on dim_campaigns.campaign = metrics.campaign
    left join goals_reported on dim_campaigns.goal = goals_reported.goal
),

-- One denominator per goal: clicks, or interactions where no campaign of the goal has clicks.
rated as (
    select
        joined.*,
        case
            when coalesce(sum(clicks) over (partition by goal), 0) > 0 then clicks
            else engagements
        end as trials,
        engagements / nullif(post_impressions, 0) as engagement_rate,
        sum(case when goal is null then 0 else 1 end) over (partition by goal, platform)
            as campaigns_on_platform
    from joined
),

grouped as (
    select
        rated.*,
        outcomes / nullif(trials, 0) as outcome_rate,
        campaigns_on_platform >= {{ fewest_peers }}
        and platform <> 'unattributed' as is_within_platform
    from rated
),

-- Each campaign stands once among its goal and once among its goal and platform.
cells as (
    {%- for scope in ['goal', 'goal and platform'] %}
    select
        {% if scope == 'goal' %}goal{% else %}goal || ' on ' || platform{% endif %} as peer_group,
        campaign,
        {{ 'not is_within_platform' if scope == 'goal' else 'is_within_platform' }} as is_own_group,
        post_impressions as impressions,
        engagements,
        engagement_rate,
        trials,
        outcomes,
        outcome_rate
    from grouped
    where goal is not null{% if scope != 'goal' %} and is_within_platform{% endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

verdicts as (
    {{ vanity_verdicts('cells') }}
),

-- Share of the group's other campaigns that a campaign is ahead of, of those with a known rate.
ranked as (
    select
        peer_group,
        campaign,
        is_own_group,
    {%- for rate in ['engagement', 'outcome'] %}
    case
        when
            {{ rate }}_rate is not null
            and count({{ rate }}_rate) over (partition by peer_group) > 1
            then 100 * percent_rank() over (
                partition by peer_group, case when {{ rate }}_rate is null then 1 else 0 end
                order by {{ rate }}_rate
                )
    end as {{ rate }}_percentile{{ ',' if not loop.last }}
    {%- endfor %}
    from cells
),

final as (
    select
        grouped.campaign,
        grouped.goal,
        grouped.department,
        grouped.platform,
        grouped.audience,
        grouped.message,
        grouped.starts,
        grouped.ends,
        grouped.is_declared,
        grouped.impressions,
        grouped.post_impressions,
        grouped.likes,
        grouped.comments,
        grouped.shares,
        grouped.clicks,
        grouped.spend,
        grouped.cost,
        grouped.applications,
        grouped.outcomes,
        broken.break_on,
        grouped.engagement_rate,
        grouped.outcome_rate,
        grouped.cost / nullif(grouped.outcomes, 0) as cost_per_outcome,
        ranked.peer_group,
        verdicts.peers as campaigns_in_group,
        ranked.engagement_percentile,
        ranked.outcome_percentile,
        ranked.engagement_percentile - ranked.outcome_percentile as vanity_gap,
        case
            when verdicts.peers >= {{ fewest_peers }} and grouped.engagement_rate is not null
                then verdicts.verdict
            else 'undecided'
        end as vanity_verdict
    from grouped
    left join broken on grouped.campaign = broken.campaign
    left join ranked on grouped.campaign = ranked.campaign and ranked.is_own_group
    left join verdicts
        on ranked.campaign = verdicts.campaign and ranked.peer_group = verdicts.peer_group
)

select * from final
order by campaign
