with decisions as (
    select * from {{ ref('int_reviews__windowed') }}
),

measured as (
    select * from {{ ref('int_reviews__measured') }}
),

controls as (
    select
        decision_id,
        min(slice) as control_slice,
        count(*) as control_members,
        min(slice_value) as control_name
    from {{ ref('int_reviews__controlled') }}
    group by decision_id
),

surroundings as (
    select
        decision_id,
        also_changed
    from {{ ref('int_reviews__surroundings') }}
),

kpi_definitions as (
    select
        kpi,
        unit,
        direction
    from {{ ref('kpi_definitions') }}
),

kpi_scorecard as (
    select
        kpi,
        owner,
        contact
    from {{ ref('kpi_scorecard') }}
),

cells as (
    select
        measured.*,
        kpi_definitions.direction
    from measured
    inner join decisions on measured.decision_id = decisions.decision_id
    inner join kpi_definitions on decisions.kpi = kpi_definitions.kpi
),

effects as (
    {{ review_effects('cells') }}
),

judged as (
    select
        effects.*,
        {{ effect_verdict('effect') }} as verdict,
        {{ effect_verdict('vs_control') }} as verdict_vs_control
    from effects
),

final as (
    select
        decisions.review_date,
        decisions.kpi,
        decisions.campaign,
        decisions.lever,
        decisions.decision,
        decisions.effective_from,
        decisions.next_review,
        decisions.goal,
        decisions.slice,
        decisions.slice_value,
        kpi_definitions.unit,
        kpi_definitions.direction,
        decisions.baseline_from,
        decisions.baseline_to,
        decisions.after_from,
        decisions.after_to,
        decisions.weeks,
        judged.before_numerator,
        judged.before_denominator,
        judged.before_value,
        judged.after_numerator,
        judged.after_denominator,
        judged.after_value,
        judged.effect_kind,
        judged.effect,
        judged.effect_lower as effect_lower_95,
        judged.effect_upper as effect_upper_95,
        case when decisions.state = 'ready' then judged.verdict else decisions.state end as verdict,
        decisions.is_final,
        case
            when judged.verdict in ('up', 'down') then judged.verdict = kpi_definitions.direction
        end as improved,
        judged.detectable_effect,
        case when judged.interval_method in ('count', 'cost_per_count') then judged.dispersion end
            as dispersion,
        case
            when controls.control_slice = 'channel_kind' then controls.control_name
            when controls.control_members = 1 then controls.control_name
            when controls.control_members > 1
                then
                    cast(controls.control_members as {{ dbt.type_string() }})
                    || ' other campaigns of the goal'
        end as control,
        judged.control_before_value,
        judged.control_after_value,
        judged.control_effect,
        {%- for column in ['', '_lower', '_upper'] %}
        case when judged.verdict <> 'no data' then judged.vs_control{{ column }} end
            as effect_vs_control{{ column }}{{ '_95' if column }},
        {%- endfor %}
        case
            when judged.verdict <> 'no data' and judged.verdict_vs_control <> 'no data'
                then judged.verdict_vs_control
        end as verdict_vs_control,
        decisions.judged_from,
        case
            when judged.verdict = 'no data'
                then 'nothing was counted, or it is not known, in one of the windows'
            else decisions.why_no_data
        end as why_no_data,
        surroundings.also_changed,
        kpi_scorecard.owner,
        kpi_scorecard.contact
    from decisions
    left join judged on decisions.decision_id = judged.decision_id
    left join controls
        on decisions.decision_id = controls.decision_id and decisions.state = 'ready'
    left join surroundings on decisions.decision_id = surroundings.decision_id
    left join kpi_definitions on decisions.kpi = kpi_definitions.kpi
    left join kpi_scorecard on decisions.kpi = kpi_scorecard.kpi
)

select * from final
order by review_date, kpi, campaign, lever, decision
