"""What a reader of a release can work out: its figures as equations over the true counts.

A count is a measure in a month of an atom (channel kind, platform, campaign, audience, message).
Every published figure that is a sum of counts is an equation, whatever table it stands in, and so
is what follows from what measures mean: every hire was offered, every hire is of an application.
`recovered` says which small counts they fix (their row space, in arithmetic modulo a prime) and
which they bound (intervals of numbers that are not negative, narrowed until nothing moves).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

PRIME = (1 << 61) - 1
MONTHS = {"month": 1, "quarter": 3, "year": 12}
SLICES = ("channel_kind", "platform", "campaign", "audience", "message")
SAME = {  # what is one count by two names
    "kpi_recruiting_funnel.applied": "applications",
    "kpi_recruiting_funnel.qualified": "applications_qualified",
    "kpi_recruiting_funnel.hired": "applications_hired",
    "kpi_sales_funnel.lead": "leads",
    "kpi_sales_funnel.qualified": "leads_qualified",
    "kpi_sales_funnel.won": "leads_won",
}
OF_GOAL = {  # a count over the campaigns of one goal
    "applications_of_recruiting_campaigns": ("applications", "recruiting"),
    "orders_of_commerce_campaigns": ("orders", "commerce"),
}
IN_ALL = (  # counted on different days, equal over all of them
    ("hires", "applications_hired"),
    ("hires", "offers_accepted"),
    ("kpi_recruiting_funnel.offered", "offers"),
)
FAMILIES = (
    (
        *("applications", "applications_qualified", "applications_hired", "hires", "offers"),
        *("offers_accepted", "hires_with_duration", "kpi_recruiting_funnel.interviewed"),
        "kpi_recruiting_funnel.offered",
    ),
    ("leads", "leads_qualified", "leads_won", "won_deals", "kpi_sales_funnel.deal"),
    ("orders", "first_orders", "orders_with_customer_flag"),
    (
        *("support_requests", "requests_resolved", "requests_with_resolution_time"),
        *("requests_with_response_time", "requests_rated"),
    ),
)
OUTCOMES = {
    "recruiting": "applications_qualified",
    "sales": "won_deals",
    "commerce": "orders",
    "support": "requests_resolved",
}
Atom = tuple[str, str, str, str, str]
Cell = tuple[str, int, str, str, str, str, str]  # measure, month, atom
Sum = dict[Cell, int]
Equation = tuple[Sum, float]


@dataclass
class Truth:
    """The counts as they are, and each campaign's goal; `end` bounds the months."""

    counts: dict[Cell, int] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)
    months: range = range(0)
    atoms: dict[str, set[Atom]] = field(default_factory=dict)

    def cells(self, measure: str, months: Iterable[int], keep: Callable[[Atom], bool]) -> Sum:
        """Return the sum of a measure over months and the atoms to keep."""
        measure = SAME.get(measure, measure)
        base, goal = OF_GOAL.get(measure, (measure, None))
        return {
            (base, month, *atom): 1
            for month in months
            if month in self.months
            for atom in self.atoms.get(base, ())
            if keep(atom) and (goal is None or self.goals.get(atom[2]) == goal)
        }

    def value(self, cells: Mapping[Cell, int]) -> int:
        return sum(times * self.counts.get(cell, 0) for cell, times in cells.items())


def truth(warehouse: Path) -> Truth:
    """Read the counts from the marts before anything is withheld."""
    found = Truth()
    counted = [measure for family in FAMILIES for measure in family]
    with duckdb.connect(str(warehouse), read_only=True) as db:
        found.goals = dict(db.execute("select campaign, goal from marts.dim_campaigns").fetchall())
        lines = db.execute(
            "select measure, year(day) * 12 + month(day) - 1, channel_kind, platform, campaign,"
            " audience, message, sum(value) from marts.metric_days group by all"
        ).fetchall()
        named = {line[2:5]: line[5:7] for line in lines}
        for table in ("kpi_recruiting_funnel", "kpi_sales_funnel"):
            lines += [
                (f"{table}.{stage}", month, *atom, *named[tuple(atom)], reached)
                for stage, month, *atom, reached in db.execute(
                    "select stage, year(month) * 12 + month(month) - 1, channel_kind, platform,"
                    f" campaign, reached from marts.{table} where reached is not null"
                ).fetchall()
            ]
    for measure, month, *atom, value in lines:
        if measure in counted:
            found.counts[(measure, month, *atom)] = int(value)
            for family in FAMILIES:
                for one in family if measure in family else ():
                    found.atoms.setdefault(one, set()).add(tuple(atom))
    months = [cell[1] for cell in found.counts]
    found.months = range(min(months), max(months) + 1)
    return found


def span(known: Truth, grain: str, start: date | None) -> range:
    if start is None:
        return known.months
    first = start.year * 12 + start.month - 1
    return range(first, first + MONTHS[grain])


def within(slice_: str, value: str) -> Callable[[Atom], bool]:
    if slice_ == "total":
        return lambda _atom: True
    place = SLICES.index(slice_)
    return lambda atom: atom[place] == value


def equations(release: Path, known: Truth) -> Iterator[Equation]:
    """Yield what the release says of counts; every equation holds for the true ones."""
    with duckdb.connect(str(release / "marts.duckdb"), read_only=True) as db:
        for cells, value in (
            *_kpis(db, known),
            *_zeros(db, known),
            *_campaigns(db, known),
            *_grouped(db, known),
            *_support(db, known),
        ):
            assert known.value(cells) == value, (value, known.value(cells), list(cells)[:3])
            yield cells, value
    for one, other in IN_ALL:
        for atom in known.atoms.get(one, ()):
            both = {
                **known.cells(one, known.months, lambda a, atom=atom: a == atom),  # type: ignore[misc]
                **{
                    cell: -1
                    for cell in known.cells(other, known.months, lambda a, atom=atom: a == atom)  # type: ignore[misc]
                },
            }
            if known.value(both) == 0:
                yield both, 0


def _kpis(db: duckdb.DuckDBPyConnection, known: Truth) -> Iterator[Equation]:
    """Yield both sides of every KPI, of the scorecard and of the running month."""
    rows = db.execute(
        "select period_grain, period_start, slice, slice_value, numerator_measure, numerator,"
        " denominator_measure, denominator from kpi_values inner join kpi_definitions using (kpi)"
        " where period_grain not in ('day', 'week')"
        " union all select 'month', period_start, slice, slice_value, numerator_measure, numerator,"
        " denominator_measure, denominator from kpi_scorecard"
        " inner join kpi_definitions using (kpi)"
        " union all select 'month', month_start, slice, slice_value, numerator_measure, actual,"
        " null, null from kpi_pace inner join kpi_definitions using (kpi)"
        " union all select 'month', (period_start - interval 1 month)::date, slice, slice_value,"
        " numerator_measure, previous_value, null, null from kpi_scorecard"
        " inner join kpi_definitions using (kpi) where denominator_measure is null"
    ).fetchall()
    for grain, start, slice_, value, *sides in rows:
        for measure, figure in ((sides[0], sides[1]), (sides[2], sides[3])):
            base = OF_GOAL.get(measure, (measure,))[0]
            if figure is not None and base in known.atoms:
                months = span(known, grain, start)
                yield known.cells(measure, months, within(slice_, value)), figure


def _zeros(db: duckdb.DuckDBPyConnection, known: Truth) -> Iterator[Equation]:
    """Yield that nothing is where a whole slice is shown and a value has no row."""
    rows = db.execute(
        "select numerator_measure, period_grain, period_start, slice, list(slice_value)"
        " from kpi_values inner join kpi_definitions using (kpi)"
        " where denominator_measure is null and period_grain not in ('day', 'week')"
        " group by all having bool_and(kpi_values.status <> 'withheld')"
    ).fetchall()
    for measure, grain, start, slice_, shown in rows:
        if slice_ != "total" and measure in known.atoms:
            place = SLICES.index(slice_)
            for value in {atom[place] for atom in known.atoms[measure]}.difference(shown):
                months = span(known, grain, start)
                yield known.cells(measure, months, within(slice_, value)), 0


def _campaigns(db: duckdb.DuckDBPyConnection, known: Truth) -> Iterator[Equation]:
    for campaign, goal, applications, outcomes in db.execute(
        "select campaign, goal, applications, outcomes from kpi_campaigns"
    ).fetchall():
        for measure, value in (("applications", applications), (OUTCOMES.get(goal), outcomes)):
            if value is not None and measure in known.atoms:
                yield known.cells(measure, known.months, within("campaign", campaign)), value


def _grouped(db: duckdb.DuckDBPyConnection, known: Truth) -> Iterator[Equation]:
    """Yield the funnels and the shop: campaigns alone, and those that are counted together."""
    rows = [
        (f"{table}.{stage}", *row)
        for table in ("kpi_recruiting_funnel", "kpi_sales_funnel")
        for stage, *row in db.execute(
            f"select stage, month, channel_kind, platform, campaign, reached from {table}"
        ).fetchall()
    ] + [
        ("orders", *row)
        for row in db.execute(
            "select month, channel_kind, platform, campaign,"
            " case when is_withheld and campaign <> 'withheld' and platform not like '% + %'"
            " then null else coalesce(orders, case when not is_withheld then 0 end) end"
            " from kpi_commerce"
        ).fetchall()
    ]
    groups: dict[tuple[str, int], list[tuple[set[str], set[str], str, Any]]] = {}
    for measure, month, kind, platform, campaign, value in rows:
        key = (measure, month.year * 12 + month.month - 1)
        groups.setdefault(key, []).append(
            (set(kind.split(" + ")), set(platform.split(" + ")), campaign, value)
        )
    for (measure, at), found in groups.items():
        yield from _of_month(measure, at, found, known)


def _of_month(
    measure: str, at: int, found: Sequence[tuple[set[str], set[str], str, Any]], known: Truth
) -> Iterator[Equation]:
    alone = {
        (*kinds, *platforms, campaign): value
        for kinds, platforms, campaign, value in found
        if len(kinds) == len(platforms) == 1 and campaign != "withheld"
    }
    for atom, value in alone.items():
        if value is not None:
            yield known.cells(measure, [at], lambda a, atom=atom: a[:3] == atom), value  # type: ignore[misc]
    for kinds, platforms, campaign, value in found:
        if value is None or (*kinds, *platforms, campaign) in alone:
            continue

        def together(atom: Atom) -> bool:
            named = campaign in ("withheld", atom[2])  # noqa: B023 - used at once
            return atom[0] in kinds and atom[1] in platforms and named  # noqa: B023

        cells = known.cells(measure, [at], lambda a: together(a) and alone.get(a[:3]) is None)
        if known.value(cells) == value:  # else several rows could count them
            yield cells, value


def _support(db: duckdb.DuckDBPyConnection, known: Truth) -> Iterator[Equation]:
    for month, level, channel, kind, requests, resolved, beside in db.execute(
        "select month, level, channel, channel_kind, requests, resolved, conventional_requests"
        " from kpi_support_channels"
    ).fetchall():
        at = [month.year * 12 + month.month - 1]
        place = SLICES.index(level)

        def of_channel(atom: Atom) -> bool:
            return (atom[place], atom[0]) == (channel, kind)  # noqa: B023 - used at once

        for measure, value in (("support_requests", requests), ("requests_resolved", resolved)):
            if value is not None:
                yield known.cells(measure, at, of_channel), value
        if beside is not None:
            conventional = within("channel_kind", "conventional")
            yield known.cells("support_requests", at, conventional), beside


def small(known: Truth, smallest: int) -> dict[tuple[Any, ...], Sum]:
    """Return the breakdowns that count at least one person and fewer than `smallest`."""
    found = {}
    starts = {
        (grain, month - month % length)
        for grain, length in MONTHS.items()
        for month in known.months
    }
    periods = [("all", 0, known.months)] + [
        (grain, start, range(start, start + MONTHS[grain])) for grain, start in sorted(starts)
    ]
    for measure, atoms in known.atoms.items():
        keys = {(slice_, atom[i]) for i, slice_ in enumerate(SLICES) for atom in atoms}
        tests = {key: within(*key) for key in {*keys, ("total", "all")}}
        tests |= {("atom", *a): (lambda b, a=a: a == b) for a in atoms}  # type: ignore[misc]
        for grain, start, months in periods:
            for key, keep in tests.items():
                cells = known.cells(measure, months, keep)
                if 0 < known.value(cells) < smallest:
                    found[(measure, grain, start, *key)] = cells
    return found


PARTS = (  # the second is of the first, in every cell
    ("applications", "applications_qualified"),
    ("applications", "kpi_recruiting_funnel.interviewed"),
    ("applications", "kpi_recruiting_funnel.offered"),
    ("kpi_recruiting_funnel.offered", "applications_hired"),
    ("offers", "offers_accepted"),
    ("hires", "hires_with_duration"),
    ("leads", "leads_qualified"),
    ("leads", "leads_won"),
    ("orders", "orders_with_customer_flag"),
    ("orders_with_customer_flag", "first_orders"),
    ("support_requests", "requests_resolved"),
    ("support_requests", "requests_with_response_time"),
    ("support_requests", "requests_rated"),
    ("requests_resolved", "requests_with_resolution_time"),
    ("whole", "part"),
)


def _limits(said: Iterable[Equation]) -> Iterator[tuple[Sum, float, float]]:
    """Yield what a figure says of its parts (no more) and of its wholes (no less)."""
    for cells, value in said:
        measures = {cell[0] for cell in cells}
        for whole, part in PARTS:
            if measures == {whole}:
                yield {(part, *cell[1:]): 1 for cell in cells}, 0, value
            if measures == {part}:
                yield {(whole, *cell[1:]): 1 for cell in cells}, value, float("inf")


def recovered(
    said: Iterable[Equation], targets: Mapping[tuple[Any, ...], Sum], smallest: int
) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Return the small counts that the equations fix, and those that they tell to be small.

    Told is one whose interval ends below `smallest` or spans less than it.
    """
    system = _System([(cells, value) for cells, value in said if cells])
    fixed, told = set(), set()
    for key, cells in targets.items():
        if system.fixes(cells):
            fixed.add(key)
        low, high = system.bounds(cells)
        if high < smallest or high - low < smallest:
            told.add(key)
    return fixed, told


class _System:
    """The equations over classes of cells that stand in the same ones."""

    def __init__(self, said: Sequence[Equation]) -> None:
        equal = {frozenset(cells.items()): (value, value) for cells, value in said}
        limits = {frozenset(cells.items()): (low, high) for cells, low, high in _limits(said)}
        unique = {**limits, **equal}
        rows: dict[Cell, list[tuple[int, int]]] = {}
        for number, cells in enumerate(unique):
            for cell, times in cells:
                rows.setdefault(cell, []).append((number, times))
        names: dict[tuple[tuple[int, int], ...], int] = {}
        self.size: dict[int, int] = {}
        self.of: dict[Cell, int] = {}
        for cell, stands in rows.items():
            self.of[cell] = names.setdefault(tuple(stands), len(names))
            self.size[self.of[cell]] = self.size.get(self.of[cell], 0) + 1
        self.said = [
            ({self.of[cell]: times for cell, times in cells}, *ends)
            for cells, ends in unique.items()
        ]
        self.pivots: dict[int, dict[int, int]] = {}
        for row, low, high in sorted(self.said, key=lambda one: len(one[0])):
            rest = self._reduced(row) if low == high else {}
            if rest:
                first = min(rest)
                inverse = pow(rest[first], -1, PRIME)
                self.pivots[first] = {k: v * inverse % PRIME for k, v in rest.items()}
        self.low = dict.fromkeys(self.size, 0.0)
        self.high = dict.fromkeys(self.size, float("inf"))
        self.sums = [one for one in self.said if min(one[0].values()) > 0]
        self.holding: dict[int, list[int]] = {k: [] for k in self.size}
        for number, (row, _, _) in enumerate(self.sums):
            for k in row:
                self.holding[k].append(number)
        self._narrow()

    def _reduced(self, row: Mapping[int, int]) -> dict[int, int]:
        rest = {k: v % PRIME for k, v in row.items()}
        done: dict[int, int] = {}
        while rest:
            first = min(rest)
            pivot = self.pivots.get(first)
            factor = rest.pop(first)
            if pivot is None:
                done[first] = factor
                continue
            for k, v in pivot.items():
                if k != first:
                    left = (rest.get(k, 0) - factor * v) % PRIME
                    if left:
                        rest[k] = left
                    else:
                        rest.pop(k, None)
        return done

    def _narrow(self) -> None:
        """Narrow the ends of each class by each equation that holds it, until nothing moves."""
        waiting = set(range(len(self.sums)))
        while waiting:
            for k in self._narrowed(*self.sums[waiting.pop()]):
                waiting.update(self.holding[k])

    def _narrowed(self, row: Mapping[int, int], least: float, most: float) -> list[int]:
        """Return the classes that moved."""
        endless = float("inf")
        lows = sum(self.low[k] for k in row)
        open_ = [k for k in row if self.high[k] == endless]
        highs = sum(self.high[k] for k in row if self.high[k] < endless)
        moved = []
        for k in row:
            high = min(self.high[k], most - (lows - self.low[k]))
            low = self.low[k]
            if not open_:
                low = max(low, least - (highs - self.high[k]))
            elif open_ == [k]:
                low = max(low, least - highs)
            if high < self.high[k] or low > self.low[k]:
                moved.append((k, low, high))
        for k, low, high in moved:
            self.low[k], self.high[k] = low, high
        return [k for k, _, _ in moved]

    def fixes(self, cells: Sum) -> bool:
        """Return whether the sum of the cells follows from the equations."""
        whole = self._classes(cells)
        return whole is not None and not self._reduced(whole)

    def _classes(self, cells: Sum) -> dict[int, int] | None:
        """Return the classes that the cells are; None where they are a part of one."""
        if not all(cell in self.of for cell in cells):
            return None
        taken: dict[int, int] = {}
        for cell in cells:
            taken[self.of[cell]] = taken.get(self.of[cell], 0) + 1
        return dict.fromkeys(taken, 1) if all(self.size[k] == n for k, n in taken.items()) else None

    def bounds(self, cells: Sum) -> tuple[float, float]:
        """Return the least and the most that the cells can count together."""
        if not all(cell in self.of for cell in cells):
            return 0.0, float("inf")
        taken: dict[int, int] = {}
        for cell in cells:
            taken[self.of[cell]] = taken.get(self.of[cell], 0) + 1
        low = sum(self.low[k] for k, n in taken.items() if n == self.size[k])
        high = sum(self.high[k] for k in taken)
        whole = all(n == self.size[k] for k, n in taken.items())
        for number in min((self.holding[k] for k in taken), key=len):
            row, least, most = self.sums[number]
            if taken.keys() <= row.keys():
                rest = row.keys() - taken.keys()
                high = min(high, most - sum(self.low[k] for k in rest))
                if whole:
                    low = max(low, least - sum(self.high[k] for k in rest))
        return low, high
