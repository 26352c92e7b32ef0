{%- set metrics = [
    'impressions', 'ad_impressions', 'likes', 'comments', 'shares', 'clicks', 'spend',
    'applications'
] -%}
{#- Fewer campaigns than this say nothing about each other. -#}
{%- set fewest_peers = 4 -%}

with metric_days as (
    select
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

engagement_rated as (
    select
        campaign,
        rated_by,
        base_count,
        base_engagements
    from {{ ref('int_campaigns__engagement_rated') }}
),

sums_broken as (
    select
        campaign,
        break_on
    from {{ ref('int_campaigns__sums_broken') }}
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
        engagement_rated.rated_by,
        engagement_rated.base_count,
        engagement_rated.base_engagements,
        engagement_rated.base_engagements / engagement_rated.base_count as engagement_rate,
        case
            when coalesce(sum(joined.clicks) over (partition by joined.goal), 0) > 0
                then joined.clicks
            else joined.engagements
        end as trials,
        count(engagement_rated.rated_by) over (
            partition by joined.goal, joined.platform, engagement_rated.rated_by
        ) as peers_on_platform
    from joined
    left join engagement_rated on joined.campaign = engagement_rated.campaign
),

grouped as (
    select
        rated.*,
        outcomes / nullif(trials, 0) as outcome_rate,
        peers_on_platform >= {{ fewest_peers }}
        and platform <> 'unattributed' as is_within_platform
    from rated
),

-- Each rated campaign stands once among its goal and once among its goal and platform, each time
-- beside those alone that are rated by the same measure.
cells as (
    {%- for scope in ['goal', 'goal and platform'] %}
    select
        goal || {% if scope != 'goal' %}' on ' || platform || {% endif %}' by ' || rated_by
            as peer_group,
        campaign,
        {{ 'not is_within_platform' if scope == 'goal' else 'is_within_platform' }} as is_own_group,
        base_count as impressions,
        base_engagements as engagements,
        engagement_rate,
        trials,
        outcomes,
        outcome_rate
    from grouped
    where
        goal is not null
        and rated_by is not null{% if scope != 'goal' %}
        and is_within_platform{% endif %}
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
        sums_broken.break_on,
        grouped.rated_by,
        grouped.base_count,
        grouped.base_engagements,
        grouped.engagement_rate,
        grouped.outcome_rate,
        grouped.cost / nullif(grouped.outcomes, 0) as cost_per_outcome,
        ranked.peer_group,
        verdicts.peers as campaigns_in_group,
        ranked.engagement_percentile,
        ranked.outcome_percentile,
        ranked.engagement_percentile - ranked.outcome_percentile as vanity_gap,
        case
            when verdicts.peers >= {{ fewest_peers }} then verdicts.verdict
            else 'undecided'
        end as vanity_verdict
    from grouped
    left join sums_broken on grouped.campaign = sums_broken.campaign
    left join ranked on grouped.campaign = ranked.campaign and ranked.is_own_group
    left join verdicts
        on ranked.campaign = verdicts.campaign and ranked.peer_group = verdicts.peer_group
)

select * from final
order by campaign
