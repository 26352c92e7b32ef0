"""Query encoding of Rest.li 2.0: values are percent-encoded, the brackets of lists stay raw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote


def encoded(value: str) -> str:
    """Return a value as Rest.li wants it inside a path, a list or a record."""
    return quote(value, safe="")


def listing(name: str, values: Iterable[str]) -> str:
    """Return `name=List(a,b)`."""
    return f"{name}=List({','.join(encoded(value) for value in values)})"


def day_intervals(first: date, end: date, step: int) -> Iterator[str]:
    """Yield `timeIntervals=(...)` of whole UTC days, `end` not included, `step` days at most."""
    while first < end:
        until = min(first + timedelta(days=step), end)
        bounds = f"start:{_milliseconds(first)},end:{_milliseconds(until)}"
        yield f"timeIntervals=(timeRange:({bounds}),timeGranularityType:DAY)"
        first = until


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


def date_range(first: date, last: date) -> str:
    """Return `dateRange=(...)` of days, both included."""
    bounds = (
        f"{name}:(year:{day.year},month:{day.month},day:{day.day})"
        for name, day in (("start", first), ("end", last))
    )
    return f"dateRange=({','.join(bounds)})"
