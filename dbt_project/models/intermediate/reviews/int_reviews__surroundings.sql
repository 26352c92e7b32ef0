-- What else happened from the baseline's first day to the last day after, in words.
with decisions as (
    select * from {{ ref('int_reviews__windowed') }}
),

kpi_definitions as (
    select
        kpi,
        valid_from,
        change
    from {{ ref('kpi_definitions') }}
),

kpi_targets as (
    select
        kpi,
        slice,
        slice_value,
        target,
        valid_from
    from {{ ref('stg_company__kpi_targets') }}
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

spans as (
    select
        decision_id,
        kpi,
        goal,
        baseline_from,
        after_to
    from decisions
    where state <> 'no data'
),

happened as (
    select
        spans.decision_id,
        other.effective_from as happened_on,
        'decision on ' || other.kpi || coalesce(' of ' || other.campaign, '')
        || coalesce(': ' || other.decision, '') as what
    from spans
    inner join decisions as other
        on spans.decision_id <> other.decision_id and spans.goal = other.goal
    where other.effective_from between spans.baseline_from and spans.after_to
    union all
    select
        spans.decision_id,
        kpi_targets.valid_from as happened_on,
        'target'
        || case when kpi_targets.slice <> 'total' then ' of ' || kpi_targets.slice_value else '' end
        || ' became ' || cast(kpi_targets.target as {{ dbt.type_string() }}) as what
    from spans
    inner join kpi_targets on spans.kpi = kpi_targets.kpi
    where kpi_targets.valid_from between spans.baseline_from and spans.after_to
    union all
    select
        spans.decision_id,
        kpi_definitions.valid_from as happened_on,
        'the KPI is defined anew: ' || kpi_definitions.change as what
    from spans
    inner join kpi_definitions on spans.kpi = kpi_definitions.kpi
    where kpi_definitions.valid_from between spans.baseline_from and spans.after_to
    {%- for day, word in [('starts', 'started'), ('ends', 'ended')] %}
    union all
    select
        spans.decision_id,
        dim_campaigns.{{ day }} as happened_on,
        'campaign ' || dim_campaigns.campaign || ' {{ word }}' as what
    from spans
    inner join dim_campaigns on spans.goal = dim_campaigns.goal
    where dim_campaigns.{{ day }} between spans.baseline_from and spans.after_to
    {%- endfor %}
),

written as (
    select
        decision_id,
        happened_on,
        cast(happened_on as {{ dbt.type_string() }}) || ' ' || what as line
    from happened
    where what is not null
),

final as (
    select
        decision_id,
        {{ dbt.listagg('line', "'; '", 'order by line') }} as also_changed
    from written
    group by decision_id
)

select * from final
