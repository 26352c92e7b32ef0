-- The campaigns or the slice that a decision did not touch: the market's own way in both windows.
with decisions as (
    select * from {{ ref('int_reviews__windowed') }}
),

dim_campaigns as (
    select
        campaign,
        goal,
        starts,
        ends
    from {{ ref('dim_campaigns') }}
    where is_declared
),

-- A decision on a target changes no campaign; one without a campaign changes all of its goal.
touching as (
    select
        decision_id,
        goal,
        case when slice = 'campaign' then slice_value end as campaign,
        effective_from
    from decisions
    where coalesce(lower(trim(lever)), 'unknown') <> 'target'
),

candidates as (
    select
        decisions.decision_id,
        decisions.baseline_from,
        decisions.after_to,
        dim_campaigns.goal,
        dim_campaigns.campaign
    from decisions
    inner join dim_campaigns
        on
            decisions.goal = dim_campaigns.goal
            and decisions.slice_value <> dim_campaigns.campaign
            and (
                dim_campaigns.starts is null or dim_campaigns.starts <= decisions.baseline_from
            )
            and (dim_campaigns.ends is null or dim_campaigns.ends >= decisions.after_to)
    where decisions.slice = 'campaign' and decisions.state <> 'no data'
),

untouched as (
    select
        candidates.decision_id,
        'campaign' as slice,
        candidates.campaign as slice_value
    from candidates
    left join touching
        on
            candidates.decision_id <> touching.decision_id
            and candidates.goal = touching.goal
            and (touching.campaign is null or touching.campaign = candidates.campaign)
            and touching.effective_from between candidates.baseline_from and candidates.after_to
    where touching.decision_id is null
),

final as (
    select
        decision_id,
        slice,
        slice_value
    from untouched
    union all
    select
        decision_id,
        'channel_kind' as slice,
        'conventional' as slice_value
    from decisions
    where slice = 'channel_kind' and slice_value = 'social' and state <> 'no data'
)

select * from final
