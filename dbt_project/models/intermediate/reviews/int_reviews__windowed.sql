{{ config(materialized='table') }}
{#- Weeks that both windows have at least and at most. -#}
{%- set fewest_weeks = 4 -%}
{%- set most_weeks = 12 -%}
{#- Months before the review that may have triggered the decision: the newest mature one, which the
    scorecard showed, and the one before it, as an alert needs two in a row. -#}
{%- set trigger_months = 2 -%}

with stg_company__kpi_reviews as (
    select
        kpi,
        campaign,
        lever,
        decision,
        review_date,
        coalesce(effective_from, review_date) as effective_from,
        next_review
    from {{ ref('stg_company__kpi_reviews') }}
),

kpi_definitions as (
    select
        kpi,
        goal,
        maturity_days,
        headline_slice,
        headline_value,
        numerator_measure,
        denominator_measure
    from {{ ref('kpi_definitions') }}
),

dim_campaigns as (
    select
        campaign,
        starts,
        ends,
        {{ name_key('campaign') }} as campaign_key
    from {{ ref('dim_campaigns') }}
),

run as (
    select business_date from {{ ref('stg_ops__run') }}
),

metric_days as (
    select
        day,
        campaign,
        measure
    from {{ ref('metric_days') }}
),

first_days as (
    select
        measure,
        min(day) as first_day
    from metric_days
    group by measure
),

campaigns_seen as (
    select
        campaign,
        min(day) as first_day
    from metric_days
    group by campaign
),

-- What the decision is about: its campaign, else the slice that the scorecard shows.
decided as (
    select
        row_number() over (
            order by
                stg_company__kpi_reviews.review_date,
                stg_company__kpi_reviews.kpi,
                stg_company__kpi_reviews.campaign,
                stg_company__kpi_reviews.lever,
                stg_company__kpi_reviews.decision
        ) as decision_id,
        stg_company__kpi_reviews.*,
        kpi_definitions.goal,
        kpi_definitions.maturity_days,
        case
            when {{ name_key('stg_company__kpi_reviews.campaign') }} is not null then 'campaign'
            else kpi_definitions.headline_slice
        end as slice,
        case
            when {{ name_key('stg_company__kpi_reviews.campaign') }} is not null
                then coalesce(dim_campaigns.campaign, trim(stg_company__kpi_reviews.campaign))
            else kpi_definitions.headline_value
        end as slice_value,
        coalesce(dim_campaigns.starts, campaigns_seen.first_day) as starts,
        dim_campaigns.ends,
        case
            when
                denominator_days.first_day is null or numerator_days.first_day is null
                or denominator_days.first_day < numerator_days.first_day
                then numerator_days.first_day
            else denominator_days.first_day
        end as first_day
    from stg_company__kpi_reviews
    left join kpi_definitions on stg_company__kpi_reviews.kpi = kpi_definitions.kpi
    left join dim_campaigns
        on {{ name_key('stg_company__kpi_reviews.campaign') }} = dim_campaigns.campaign_key
    left join campaigns_seen on dim_campaigns.campaign = campaigns_seen.campaign
    left join first_days as numerator_days
        on kpi_definitions.numerator_measure = numerator_days.measure
    left join first_days as denominator_days
        on kpi_definitions.denominator_measure = denominator_days.measure
),

-- On the morning of the review the newest day was the one before, and a month was mature when
-- maturity_days had passed since its end.
triggered as (
    select
        decided.*,
        cast({{ dbt.dateadd(
            'month',
            -trigger_months,
            dbt.date_trunc('month', dbt.dateadd('day', '-maturity_days', 'review_date'))
        ) }} as date) as trigger_from,
        cast({{ dbt.dateadd('day', '-maturity_days', 'run.business_date') }} as date)
            as last_mature_day
    from decided
    cross join run
),

-- The days that a window may take: before, none that triggered; after, none before it took effect
-- or that is not mature; of a campaign, only days on which it ran.
bounded as (
    select
        triggered.*,
        case when starts > first_day then starts else first_day end as before_first,
        cast({{ dbt.dateadd(
            'day',
            -1,
            'case when effective_from < trigger_from then effective_from else trigger_from end'
        ) }} as date) as baseline_to
    from triggered
),

counted as (
    select
        bounded.*,
        floor(({{ dbt.datediff('before_first', 'baseline_to', 'day') }} + 1) / 7e0) as weeks_before,
        case
            when ends is null then {{ most_weeks }}
            else floor(({{ dbt.datediff('effective_from', 'ends', 'day') }} + 1) / 7e0)
        end as weeks_of_campaign,
        floor(({{ dbt.datediff('effective_from', 'last_mature_day', 'day') }} + 1) / 7e0)
            as weeks_mature
    from bounded
),

-- The length that the windows will have in the end.
limited as (
    select
        counted.*,
        case
            when weeks_before < weeks_of_campaign and weeks_before < {{ most_weeks }}
                then weeks_before
            when weeks_of_campaign < {{ most_weeks }} then weeks_of_campaign
            when weeks_before is not null then {{ most_weeks }}
        end as weeks_in_the_end
    from counted
),

judged as (
    select
        limited.*,
        case
            when goal is null then 'no data'
            when coalesce(weeks_in_the_end, 0) < {{ fewest_weeks }} then 'no data'
            when weeks_mature < {{ fewest_weeks }} then 'too early'
            else 'ready'
        end as state,
        case
            when goal is null then 'no KPI of this name is defined'
            when first_day is null then 'nothing is known of this KPI'
            when effective_from > ends then 'the campaign had ended before it took effect'
            when weeks_of_campaign < {{ fewest_weeks }}
                then 'the campaign ended less than {{ fewest_weeks }} weeks after it took effect'
            when weeks_before < {{ fewest_weeks }}
                then 'less than {{ fewest_weeks }} weeks of data before what triggered it'
        end as why_no_data,
        case
            when weeks_mature < weeks_in_the_end and weeks_mature >= {{ fewest_weeks }}
                then weeks_mature
            when weeks_mature < weeks_in_the_end then {{ fewest_weeks }}
            else weeks_in_the_end
        end as weeks
    from limited
),

dated as (
    select
        judged.*,
        {{ dbt.dateadd('day', (7 * fewest_weeks - 1) ~ ' + maturity_days', 'effective_from') }}
            as judged_from,
        cast({{ dbt.dateadd('day', 'cast(1 - 7 * weeks as integer)', 'baseline_to') }} as date)
            as baseline_from,
        cast({{ dbt.dateadd('day', 'cast(7 * weeks - 1 as integer)', 'effective_from') }} as date)
            as after_to
    from judged
),

final as (
    select
        decision_id,
        kpi,
        campaign,
        lever,
        decision,
        review_date,
        effective_from,
        next_review,
        goal,
        slice,
        slice_value,
        state,
        case when state = 'no data' then why_no_data end as why_no_data,
        case when state <> 'no data' then cast(weeks as integer) end as weeks,
        state = 'ready' and weeks = weeks_in_the_end as is_final,
        case when state <> 'no data' then cast(judged_from as date) end as judged_from,
        case when state <> 'no data' then baseline_from end as baseline_from,
        case when state <> 'no data' then baseline_to end as baseline_to,
        case when state <> 'no data' then effective_from end as after_from,
        case when state <> 'no data' then after_to end as after_to
    from dated
)

select * from final
