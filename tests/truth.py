"""Published KPIs beside the ground truth that was counted from the simulated events."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from sandbox.serve import Sandbox
from tests.company import rows

KEY = ("kpi", "period_grain", "period_start", "slice", "slice_value")
SIDES = ("numerator", "denominator", "value")
Figures: TypeAlias = dict[tuple[Any, ...], tuple[Any, ...]]


def published(marts: Path) -> Figures:
    """Return numerator, denominator and value of every row of kpi_values by its key."""
    return _figures(marts, "kpi_values")


def published_in(warehouse: Path) -> Figures:
    """Return the same of a warehouse before it is published."""
    return _figures(warehouse, "marts.kpi_values")


def _figures(file: Path, table: str) -> Figures:
    columns = "kpi, period_grain, cast(period_start as varchar), slice, slice_value"
    found = rows(file, f"select {columns}, {', '.join(SIDES)} from {table}")
    return {tuple(row[:5]): tuple(row[5:]) for row in found}


def counted(sandbox: Sandbox) -> Figures:
    """Return the same of the ground truth."""
    return {
        (*(row[name] and str(row[name]) for name in KEY),): tuple(row[name] for name in SIDES)
        for row in sandbox.truth()
    }


def differences(ours: Figures, truth: Figures) -> Figures:
    """Return what the two say of each key on which they differ; None where one has no row."""
    return {
        key: (ours.get(key), truth.get(key))
        for key in {*ours, *truth}
        if key not in ours
        or key not in truth
        or not all(same(a, b) for a, b in zip(ours[key], truth[key], strict=True))
    }


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether two figures are equal to 9 digits; None equals only None."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(float(ours) - float(theirs)) <= 1e-9 * max(1.0, abs(float(theirs)))


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month; `day` is the first of a period."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def before(grain: str, start: date) -> date:
    """Return the first day of the period before."""
    if grain in ("day", "week"):
        return start - timedelta(days=7 if grain == "week" else 1)
    return months_before(start, {"month": 1, "quarter": 3, "year": 12}[grain])


def year_before(grain: str, start: date) -> date:
    """Return the first day of the period a year ago: the same weekday for days and weeks."""
    if grain in ("day", "week"):
        return start - timedelta(days=364)
    return months_before(start, 12)
