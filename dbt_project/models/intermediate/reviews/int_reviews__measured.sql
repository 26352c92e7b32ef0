{%- set windows = ['before', 'after'] -%}
{%- set sides = ['numerator', 'denominator', 'squares'] -%}

with decisions as (
    select
        decision_id,
        kpi,
        slice,
        slice_value,
        weeks,
        baseline_from,
        baseline_to,
        after_from,
        after_to
    from {{ ref('int_reviews__windowed') }}
    where state = 'ready'
),

int_reviews__controlled as (
    select
        decision_id,
        slice,
        slice_value
    from {{ ref('int_reviews__controlled') }}
),

kpi_definitions as (
    select
        kpi,
        interval_method,
        denominator_measure is not null as is_ratio,
        numerator_measure,
        denominator_measure,
        squares_measure,
        numerator_divisor,
        denominator_divisor
    from {{ ref('kpi_definitions') }}
),

metric_days as (
    select
        day,
        campaign,
        channel_kind,
        measure,
        value
    from {{ ref('metric_days') }}
),

sides as (
    {%- for side in sides %}
    select
        kpi,
        '{{ side }}' as side,
        {{ side }}_measure as measure
    from kpi_definitions
    where {{ side }}_measure is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

windows as (
    {%- for window in windows %}
    select
        decision_id,
        kpi,
        '{{ window }}' as window_name,
        {{ 'baseline' if window == 'before' else 'after' }}_from as first_day,
        {{ 'baseline' if window == 'before' else 'after' }}_to as last_day
    from decisions
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Whose figures: the decision's own, its control's, and everybody's, to know what is reported.
members as (
    select
        decision_id,
        'own' as role,
        slice,
        slice_value
    from decisions
    union all
    select
        decision_id,
        'control' as role,
        slice,
        slice_value
    from int_reviews__controlled
    union all
    select
        decision_id,
        'all' as role,
        'total' as slice,
        'all' as slice_value
    from decisions
),

days as (
    select
        day,
        campaign,
        channel_kind,
        measure,
        sum(value) as value
    from metric_days
    group by day, campaign, channel_kind, measure
),

weekly as (
    select
        windows.decision_id,
        windows.window_name,
        members.role,
        sides.side,
        floor({{ dbt.datediff('windows.first_day', 'days.day', 'day') }} / 7e0) as week,
        sum(days.value) as value
    from windows
    inner join sides on windows.kpi = sides.kpi
    inner join members on windows.decision_id = members.decision_id
    inner join days
        on
            sides.measure = days.measure
            and days.day between windows.first_day and windows.last_day
            and members.slice_value = case members.slice
                when 'campaign' then days.campaign
                when 'channel_kind' then days.channel_kind
                else 'all'
            end
    group by
        windows.decision_id,
        windows.window_name,
        members.role,
        sides.side,
        floor({{ dbt.datediff('windows.first_day', 'days.day', 'day') }} / 7e0)
),

-- One row per decision. The sum of no row is null: not measured, or nothing there to count.
summed as (
    select
        decision_id,
        {%- for role in ['own', 'control', 'all'] %}
        {%- for window in windows %}
        {%- for side in sides %}
        {%- set picked = "role = '" ~ role ~ "' and window_name = '" ~ window ~ "' and side = '"
            ~ side ~ "'" %}
        cast(sum(case when {{ picked }} then value end) as double)
            as {{ role }}_{{ window }}_{{ side }},
        sum(case when {{ picked }} then cast(value as double) * cast(value as double) end)
            as {{ role }}_{{ window }}_{{ side }}_weekly,
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        count(*) as row_count
    from weekly
    group by decision_id
),

-- Of what is counted, nothing in the slice is 0 where others were counted in the same window, and
-- the slice itself in the other one.
known as (
    select
        decisions.decision_id,
        decisions.weeks,
        {%- for role in ['own', 'control'] %}
        {%- for window in windows %}
        {%- for side, counted in [('numerator', 'count'), ('denominator', 'cost_per_count')] %}
        case
            when
                kpi_definitions.interval_method = '{{ counted }}'
                and summed.{{ role }}_{{ window }}_{{ side }} is null
                and summed.all_{{ window }}_{{ side }} is not null
                and (
                    summed.{{ role }}_before_{{ side }} is not null
                    or summed.{{ role }}_after_{{ side }} is not null
                )
                then 0e0
            else summed.{{ role }}_{{ window }}_{{ side }} / kpi_definitions.{{ side }}_divisor
        end as {{ role }}_{{ window }}_{{ side }},
        {%- endfor %}
        summed.{{ role }}_{{ window }}_squares
        / (kpi_definitions.numerator_divisor * kpi_definitions.numerator_divisor)
            as {{ role }}_{{ window }}_squares,
        {%- for part in ['', '_weekly'] %}
        coalesce(
            case
                when kpi_definitions.interval_method = 'count'
                    then summed.{{ role }}_{{ window }}_numerator{{ part }}
                when kpi_definitions.interval_method = 'cost_per_count'
                    then summed.{{ role }}_{{ window }}_denominator{{ part }}
            end,
            0e0
        ) as {{ role }}_{{ window }}_events{{ part }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        kpi_definitions.interval_method,
        kpi_definitions.is_ratio
    from decisions
    inner join kpi_definitions on decisions.kpi = kpi_definitions.kpi
    left join summed on decisions.decision_id = summed.decision_id
),

final as (
    select
        decision_id,
        {%- for role, prefix in [('own', ''), ('control', 'control_')] %}
        {%- for window in windows %}
        {%- for side in sides %}
        {{ role }}_{{ window }}_{{ side }} as {{ prefix }}{{ window }}_{{ side }},
        {%- endfor %}
        {%- endfor %}
        {{ dispersion(
            'weeks',
            role ~ '_before_events', role ~ '_before_events_weekly',
            role ~ '_after_events', role ~ '_after_events_weekly'
        ) }} as {{ prefix }}dispersion,
        {%- endfor %}
        interval_method,
        is_ratio
    from known
)

select * from final
