"""Writes down, as tables of database `held`, which cells of which measure and KPI may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

from extractors.cells.frames import Atom, Group
from extractors.cells.measures import ATOM, Measures

SLICES = ("channel_kind", "platform", "campaign", "audience", "message")
FIRST = ("kpi_recruiting_funnel.applied", "kpi_sales_funnel.lead", "orders")
REQUESTS = "support_requests"
MARK = "withheld"  # where a name would stand, or a status
SIDES = """
create table held.sides as
select distinct d.kpi, s.measure
from marts.kpi_definitions as d,
    unnest([numerator_measure, denominator_measure, squares_measure]) as s (measure)
semi join held.personal as p on s.measure = p.measure
"""
CELLS = """
create table held.cells as
select kpi, period_grain, period_start, slice, slice_value
from held.shown inner join held.sides using (measure)
inner join (select kpi, count(*) as needed from held.sides group by kpi) using (kpi)
group by all having count(*) = any_value(needed)
"""
ATTRIBUTES = f"""
select distinct {ATOM}, days.audience, days.message,
    measure in (select measure from held.personal) as is_personal
from marts.metric_days as days left join marts.dim_campaigns as d using (campaign)
"""


def first_day(month: int) -> date:
    """Return the day on which the month since year 0 begins."""
    return date(month // 12, month % 12 + 1, 1)


def write(db: duckdb.DuckDBPyConnection, measures: Measures) -> None:
    """Fill held.personal, values, shown, groups, sides, spans and cells.

    Shape: `shown` is one row a measure, period, slice and value that may be shown; `cells` the same
    of a KPI, all of whose sides may; `values` each slice's values; `groups` a count's groups of a
    month, one row an atom, with the names that its group goes by; `spans` the periods of a KPI.
    """
    _table(db, "personal (measure varchar)", [[measure] for measure in measures.personal])
    values = _values(db.execute(ATTRIBUTES).fetchall())
    _table(db, '"values" (slice varchar, slice_value varchar)', [list(key) for key in values])
    columns = "measure varchar, period_grain varchar, period_start date, slice varchar"
    shown = _shown(measures, values)
    _table(db, f"shown ({columns}, slice_value varchar)", shown)
    names = "channel_kind varchar, platform varchar, goal varchar, campaign varchar"
    labels = "group_kind varchar, group_platform varchar, group_campaign varchar, is_alone boolean"
    groups = list(_groups(measures))
    _table(db, f"groups (measure varchar, month date, {names}, {labels})", groups)
    cells = list(_group_cells(measures, groups))
    label = "group_kind varchar, group_platform varchar, group_campaign varchar"
    _table(db, f"group_cells (measure varchar, month date, {label})", cells)
    months = list(_months(measures))
    _table(db, "months (measure varchar, month date, is_open boolean)", months)
    db.execute(SIDES)
    db.execute(CELLS)
    sides = db.execute("select kpi, list(measure) from held.sides group by kpi").fetchall()
    spans = [
        [kpi, grain, first_day(start) if start else None]
        for kpi, found in sides
        for grain, start in measures.periods(found)
    ]
    _table(db, "spans (kpi varchar, period_grain varchar, period_start date)", spans)


def _table(db: duckdb.DuckDBPyConnection, shape: str, rows: Sequence[Sequence[Any]]) -> None:
    db.execute(f"create table held.{shape}")
    if rows:
        name = shape.partition(" (")[0]
        lists = [list(column) for column in zip(*rows, strict=True)]
        picked = ", ".join("unnest(?)" for _ in lists)
        db.execute(f"insert into held.{name} select {picked}", lists)


def _values(
    rows: Iterable[tuple[Any, ...]],
) -> dict[tuple[str, str], frozenset[Atom] | None]:
    """Return the atoms of persons in each slice's value; None where one has several values."""
    found: dict[tuple[str, str], set[Atom]] = {}
    of_atom: dict[tuple[str, Atom], set[str]] = {}
    for kind, platform, goal, campaign, audience, message, is_personal in rows:
        atom = (kind, platform, goal, campaign)
        named = dict(zip(SLICES, (kind, platform, campaign, audience, message), strict=True))
        named |= {"total": "all", "platform of a kind": f"{kind}/{platform}"}
        for slice_, value in named.items():
            found.setdefault((slice_, value), set()).update([atom] if is_personal else [])
            if is_personal:
                of_atom.setdefault((slice_, atom), set()).add(value)
    return {
        (slice_, value): frozenset(atoms)
        if all(len(of_atom[slice_, atom]) == 1 for atom in atoms)
        else None
        for (slice_, value), atoms in sorted(found.items())
    }


def _shown(
    measures: Measures, values: dict[tuple[str, str], frozenset[Atom] | None]
) -> list[list[Any]]:
    known = [*measures.frames, *measures.aliases]
    return [
        [measure, grain, first_day(start) if start else None, *key]
        for measure in known
        for grain, start in measures.periods([measure])
        if measures.shows(measure, grain, start, ())
        for key, atoms in values.items()
        if atoms is not None and measures.shows(measure, grain, start, atoms)
    ]


def _groups(measures: Measures) -> Iterable[list[Any]]:
    for first in FIRST:
        frame = measures.frame_of(first)
        for months, groups in frame.nodes["month"].items() if frame else ():
            if len(months) == 1:
                yield from _named(first, min(months), groups)


def _named(measure: str, month: int, groups: Iterable[Group]) -> Iterable[list[Any]]:
    named: dict[tuple[str, ...], set[Atom]] = {}
    for group in groups:
        named.setdefault(_names(group), set()).update(group)
    for names, atoms in named.items():
        for atom in sorted(atoms):
            yield [measure, first_day(month), *atom, *names, len(atoms) == 1]


def _names(group: Group) -> tuple[str, ...]:
    """Return its channel kinds, its platforms, and its campaign if there is but one."""
    kinds, platforms, campaigns = ({atom[i] for atom in group} for i in (0, 1, 3))
    campaign = campaigns.pop() if len(campaigns) == 1 else MARK
    return " + ".join(sorted(kinds)), " + ".join(sorted(platforms)), campaign


def _group_cells(measures: Measures, rows: Sequence[list[Any]]) -> Iterable[list[Any]]:
    """Give, for each group of a month, the measures that may be shown for it."""
    named: dict[tuple[Any, ...], set[Atom]] = {}
    for first, month, kind, platform, goal, campaign, *names, _alone in rows:
        named.setdefault((first, month, *names), set()).add((kind, platform, goal, campaign))
    known = [*measures.frames, *measures.aliases]
    for (first, month, *names), atoms in named.items():
        start = month.year * 12 + month.month - 1
        for measure in known:
            same = measure.partition(".")[0] == first.partition(".")[0] or "." not in first
            if same and measures.shows(measure, "month", start, atoms):
                yield [measure, month, *names]


def _months(measures: Measures) -> Iterable[list[Any]]:
    for first in (*FIRST, REQUESTS):
        frame = measures.frame_of(first)
        for month in measures.spans.get(first, ()):
            is_open = frame is not None and frozenset([month]) in frame.nodes["month"]
            yield [first, first_day(month), is_open]
