{#- The sums that kpi_campaigns shows, by the fact that they are made from. -#}
{%- set shown = {
    'post_metrics': ['impressions', 'likes', 'comments', 'shares', 'post_clicks'],
    'ad_performance': ['ad_impressions', 'ad_clicks', 'spend']
} -%}

with measures as (
    {%- for entity, measures in shown.items() %}
    {%- for measure in measures %}
    select
        '{{ entity }}' as entity,
        '{{ measure }}' as measure,
        cast(null as {{ dbt.type_string() }}) as campaign
    union all
    {%- endfor %}
    {%- endfor %}
    -- what its engagement is rated by is shown of that campaign alone
    select
        'post_metrics' as entity,
        rated_by as measure,
        campaign
    from {{ ref('int_campaigns__engagement_rated') }}
    where rated_by <> 'impressions'
),

counted_days as (
    select
        measures.entity,
        metric_days.campaign,
        metric_days.platform,
        metric_days.measure,
        min(metric_days.day) as first_day,
        max(metric_days.day) as last_day
    from {{ ref('metric_days') }} as metric_days
    inner join measures
        on
            metric_days.measure = measures.measure
            and (measures.campaign is null or metric_days.campaign = measures.campaign)
    where metric_days.campaign <> 'unassigned'
    group by
        measures.entity, metric_days.campaign, metric_days.platform, metric_days.measure
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

final as (
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
)

select * from final
