"""What is published instead of the marts with one row a KPI, a decision or a campaign."""

from __future__ import annotations


def blanked(columns: str) -> str:
    """Return the expressions of `select * replace (…)` that empty columns where is_withheld."""
    names = columns.replace(",", " ").split()
    return ", ".join(f'case when not is_withheld then "{one}" end as "{one}"' for one in names)


def _has_cell(kpi: str, start: str, slice_value: str, grain: str = "'month'") -> str:
    """Return whether the KPI counts no persons or that cell of it may be shown."""
    return f"""({kpi}.kpi not in (select kpi from held.sides) or exists (
        select 1 from held.cells as c
        where c.kpi = {kpi}.kpi and c.period_grain = {grain}
            and c.period_start is not distinct from {start}
            and c.slice = {kpi}.slice and lower(c.slice_value) = lower({slice_value})))"""


VALUES = """
with kept as (
    select * from marts.kpi_values where kpi not in (select kpi from held.sides)
    union all
    select v.* from marts.kpi_values as v semi join held.cells as c
        on v.kpi = c.kpi and v.period_grain = c.period_grain and v.slice = c.slice
        and v.slice_value = c.slice_value and v.period_start is not distinct from c.period_start
), places as (
    select s.kpi, s.period_grain, s.period_start, v.slice, v.names
    from held.spans as s cross join (
        select slice, count(*) as names from held."values"
        where slice <> 'platform of a kind' group by slice
    ) as v
), marks as (
    select p.kpi, p.period_grain, p.period_start, p.slice
    from places as p left join held.cells as c
        on p.kpi = c.kpi and p.period_grain = c.period_grain and p.slice = c.slice
        and p.period_start is not distinct from c.period_start
    group by all having count(c.kpi) < any_value(p.names)
    union all
    select distinct kpi, unnest(['day', 'week']), null::date, 'total' from held.sides
), compared as (
    select kept.* replace (
        case when before.kpi is not null or kept.kpi not in (select kpi from held.sides)
            then previous_value end as previous_value,
        case when earlier.kpi is not null or kept.kpi not in (select kpi from held.sides)
            then value_year_ago end as value_year_ago
    )
    from kept
    left join held.cells as before
        on kept.kpi = before.kpi and kept.period_grain = before.period_grain
        and kept.slice = before.slice and kept.slice_value = before.slice_value
        and before.period_start = (kept.period_start - case kept.period_grain
            when 'year' then interval 12 months when 'quarter' then interval 3 months
            else interval 1 month end)::date
    left join held.cells as earlier
        on kept.kpi = earlier.kpi and kept.period_grain = earlier.period_grain
        and kept.slice = earlier.slice and kept.slice_value = earlier.slice_value
        and earlier.period_start = (kept.period_start - interval 12 months)::date
)
select * from compared
union all by name
select marks.*, 'withheld' as slice_value, unit, direction, 'withheld' as status,
    coalesce(business_date >= maturity_days - 1 + period_start + case period_grain
        when 'year' then interval 12 months when 'quarter' then interval 3 months
        else interval 1 month end, false) as mature
from marks inner join marts.kpi_definitions using (kpi) cross join ops.build
"""
SCORECARD = f"""
with marked as (
    select s.*, period_start is not null
        and not {_has_cell("s", "s.period_start", "s.slice_value")} as is_withheld
    from marts.kpi_scorecard as s
), trends as (
    select s.kpi, string_agg(
        case when {_has_cell("s", "(s.period_start - to_months(12 - t.i))::date", "s.slice_value")}
            then string_split(s.trend, ',')[t.i] else 'null' end, ',' order by t.i
    ) as shown
    from marts.kpi_scorecard as s, range(1, 13) as t (i) where s.trend is not null group by s.kpi
), streaks as (
    select s.kpi, bool_and(
        {_has_cell("s", "t.month::date", "s.slice_value")}) as is_shown
    from marts.kpi_scorecard as s,
        generate_series(s.off_target_since - interval 1 month, s.period_start, interval 1 month)
            as t (month)
    where s.off_target_since is not null group by s.kpi
)
select m.* exclude (is_withheld) replace (
    {blanked("numerator denominator value lower_95 upper_95")},
    case when is_withheld then 'withheld' else status end as status,
    case when not is_withheld then period_start end as period_start,
    case when is_shown then off_target_since end as off_target_since,
    case when not is_withheld
        and {_has_cell("m", "(m.period_start - interval 1 month)::date", "m.slice_value")}
        then previous_value end as previous_value,
    case when not is_withheld
        and {_has_cell("m", "(m.period_start - interval 12 months)::date", "m.slice_value")}
        then value_year_ago end as value_year_ago,
    case when {_has_cell("m", "m.period_start", "m.beside_slice_value")}
        then beside_value end as beside_value,
    trends.shown as trend
)
from marked as m left join trends using (kpi) left join streaks using (kpi)
"""
PACE = f"""
with marked as (
    select p.*, p.kpi in (select kpi from held.sides) and not (
        p.counted_to = (select business_date from ops.build)
        and {_has_cell("p", "p.month_start", "p.slice_value")}) as is_withheld
    from marts.kpi_pace as p
)
select * exclude (is_withheld) replace (
    {
    blanked('''actual actual_to_date pace projection projection_lower_95 projection_upper_95
        needed_per_working_day''')
},
    case when is_withheld then 'withheld' else status end as status,
    null::double as actual_year_ago, null::double as year_ago_ratio,
    null::double as year_ago_ratio_lower_95, null::double as year_ago_ratio_upper_95
)
from marked
"""
EFFECTS = f"""
with marked as (
    select *, kpi in (select kpi from held.sides) as is_withheld from marts.kpi_review_effects
)
select * exclude (is_withheld) replace (
    {
    blanked('''before_numerator before_denominator before_value after_numerator after_denominator
        after_value effect_kind effect effect_lower_95 effect_upper_95 improved detectable_effect
        dispersion control_before_value control_after_value control_effect effect_vs_control
        effect_vs_control_lower_95 effect_vs_control_upper_95 verdict_vs_control judged_from
        control why_no_data''')
},
    case when is_withheld then 'withheld' else verdict end as verdict
)
from marked
"""
CAMPAIGNS = f"""
with shown as (
    select measure, slice_value as campaign from held.shown
    where period_grain = 'all' and slice = 'campaign'
), marked as (
    select c.*,
        not exists (select 1 from shown as s where s.campaign = c.campaign
            and s.measure = 'applications')
        and 'applications' in (select measure from held.shown) as hides_applications,
        g.outcome_measure is not null and not exists (
            select 1 from shown as s
            where s.campaign = c.campaign and s.measure = g.outcome_measure) as is_withheld
    from marts.kpi_campaigns as c left join seeds.goals as g using (goal)
), judged as (
    select *, bool_or(is_withheld) over (partition by goal) as hides_a_peer from marked
)
select * exclude (hides_applications, hides_a_peer, is_withheld) replace (
    case when not hides_applications then applications end as applications,
    {blanked("outcomes outcome_rate cost_per_outcome")},
    case when not hides_a_peer then outcome_percentile end as outcome_percentile,
    case when not hides_a_peer then vanity_gap end as vanity_gap,
    case when hides_a_peer then 'withheld' else vanity_verdict end as vanity_verdict
), is_withheld
from judged
"""
TABLES = {
    "kpi_values": (
        VALUES,
        "cells that would show a small count have no row of their own; where a slice lacks any, "
        "one row with slice_value and status `withheld` says so; no days and weeks of persons",
    ),
    "kpi_scorecard": (SCORECARD, "status `withheld`; months of trend that are withheld are null"),
    "kpi_pace": (PACE, "status `withheld`; no comparison with the year before"),
    "kpi_review_effects": (EFFECTS, "verdict `withheld`: its weeks cut the published months"),
    "kpi_campaigns": (
        CAMPAIGNS,
        "is_withheld: outcomes are null; the verdict and rank of a goal with such a campaign, too",
    ),
}
