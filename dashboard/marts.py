"""Reads what the page shows from a release's marts.duckdb: finished figures, nothing recomputed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
Rows = list[Row]

HEADLINE = """
select kpi, v.period_start, v.numerator, v.denominator, v.value, v.lower_95, v.upper_95, v.mature,
    v.target, v.status
from kpi_values as v inner join kpi_scorecard as s using (kpi, slice)
where v.period_grain = 'month' and (v.slice_value = s.slice_value or v.status = 'withheld')
order by kpi, v.period_start, v.status <> 'withheld'
"""
PLATFORMS = """
select kpi, slice_value, period_start, numerator, denominator, value, lower_95, upper_95
from kpi_values semi join kpi_scorecard using (kpi, period_start)
where period_grain = 'month' and slice = 'platform' and value is not null
order by kpi, value desc, slice_value
"""
FUNNEL = """
select channel_kind, platform, stage, stage_number, sum(reached) as reached,
    bool_or(is_withheld and reached is null) as is_withheld
from (from {table} union all by name (select false as is_withheld limit 0))
where mature and month in (
    select month from {table} group by month having bool_and(mature) order by month desc limit 6
) group by channel_kind, platform, stage, stage_number order by channel_kind, platform, stage_number
"""
FUNNEL_SPAN = """
select min(month) as first, max(month) as last from (
    select month from {table} group by month having bool_and(mature) order by month desc limit 6
)
"""
SUPPORT = """
select * from kpi_support_channels
where month = (select max(month) from kpi_support_channels where mature)
order by level, requests desc, channel
"""
COMMERCE = """
select campaign, min(month) as first, max(month) as last, sum(orders) as orders,
    sum(order_revenue) as order_revenue, sum(clicks) as clicks, sum(cost) as cost
from kpi_commerce where month >= (select max(month) - interval 6 months from kpi_commerce)
group by campaign having sum(orders) is not null order by orders desc, campaign
"""
QUERIES = {
    "scorecard": "select * from kpi_scorecard order by goal, kpi",
    "definitions": "select * from kpi_definitions where is_current order by kpi",
    "history": HEADLINE,
    "platforms": PLATFORMS,
    "campaigns": "select * from kpi_campaigns order by campaign",
    "levers": "select * from kpi_levers where lever_rank is not null",
    "effects": "select * from kpi_review_effects order by effective_from desc, kpi, campaign",
    "coverage": "select * from data_coverage order by department, source, stream",
    "breaks": "select * from metric_breaks order by break_on, platform, measure",
    "audit": "select * from utm_audit order by problem, campaign, thing",
    "pace": "select * from kpi_pace semi join kpi_scorecard using (kpi, slice, slice_value)",
    "recruiting": FUNNEL.format(table="kpi_recruiting_funnel"),
    "recruiting_span": FUNNEL_SPAN.format(table="kpi_recruiting_funnel"),
    "sales": FUNNEL.format(table="kpi_sales_funnel"),
    "sales_span": FUNNEL_SPAN.format(table="kpi_sales_funnel"),
    "support": SUPPORT,
    "commerce": COMMERCE,
    "attribution": "select * from kpi_attribution order by conversion_kind, campaign, model",
    "cells": "select distinct smallest_cell from small_cells",
    "names": "select platform, label from dim_platforms",
}


@dataclass(frozen=True)
class Marts:
    """The rows of one release, a list of dicts each; a table that is not there is an empty list.

    Shape: `history` is one row a KPI and month of its headline slice, oldest first (before it, if
    small cells are withheld, one that says so); `platforms` the month that the scorecard shows by
    platform; the funnels are sums over the newest months (six at most) in which every stage is
    mature; `cells` has the fewest persons that are shown, no row where all are.
    """

    scorecard: Rows = field(default_factory=list)
    definitions: Rows = field(default_factory=list)
    history: Rows = field(default_factory=list)
    platforms: Rows = field(default_factory=list)
    campaigns: Rows = field(default_factory=list)
    levers: Rows = field(default_factory=list)
    effects: Rows = field(default_factory=list)
    coverage: Rows = field(default_factory=list)
    breaks: Rows = field(default_factory=list)
    audit: Rows = field(default_factory=list)
    pace: Rows = field(default_factory=list)
    recruiting: Rows = field(default_factory=list)
    recruiting_span: Rows = field(default_factory=list)
    sales: Rows = field(default_factory=list)
    sales_span: Rows = field(default_factory=list)
    support: Rows = field(default_factory=list)
    commerce: Rows = field(default_factory=list)
    attribution: Rows = field(default_factory=list)
    cells: Rows = field(default_factory=list)
    names: Rows = field(default_factory=list)


def read(file: Path) -> Marts:
    """Return what the page needs of `file`, opened read-only."""
    with duckdb.connect(str(file), read_only=True) as db:
        return Marts(**{one.name: _rows(db, QUERIES[one.name]) for one in fields(Marts)})


def _rows(db: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    try:
        result = db.execute(sql)
    except duckdb.CatalogException:  # a release that an older version published
        return []
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
