"""How old a landed row is, and from which day on a stream is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from extractors.core.types import Stream

AGE = re.compile(r"(\d+) (day|month|year)s?")
# The day on which what the row tells began: no later version of the row changes it.
STARTS = (
    *("until", "date", "day", "as_of", "read_on", "metric_date", "rate_on", "day_end"),
    *("day_start_ms", "application_date", "applied_at", "created_at", "created_seconds"),
    *("opened_at", "ordered_at", "touched_at", "published_at", "entered_at"),
    *("deleted_at", "archived_at"),
)
UNITS = {"_seconds": 1, "_ms": 1000}  # a second


def first_day(age: str, today: date) -> date:
    """Return the first day that is kept: the first of a month, so that rows leave once a month.

    Shape: `age` is a whole number of days, months or years, such as "3 years".
    Raises: ValueError when it is not.
    """
    found = AGE.fullmatch(age.strip())
    if not found or not int(found[1]):
        raise ValueError(f"{age!r} is no age such as 90 days, 6 months or 3 years")
    number, unit = int(found[1]), found[2]
    if unit == "day":
        return (today - timedelta(days=number)).replace(day=1)
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
    return date(max(1, months // 12), months % 12 + 1, 1)


def dated(stream: Stream) -> tuple[str, ...]:
    """Return the columns that date a row, the first that has a value decides; none: undated."""
    return tuple(name for name in STARTS if name in stream.columns)


def day_of(row: Mapping[str, Any], columns: tuple[str, ...]) -> date | None:
    """Return the day of a landed row (UTC); None where no cell of `columns` is a day."""
    for name in columns:
        text = str(row.get(name) or "")
        scale = next((size for end, size in UNITS.items() if name.endswith(end)), 0)
        try:
            if scale:
                return datetime.fromtimestamp(int(text) / scale, UTC).date()
            return date.fromisoformat(text[:10])
        except (ValueError, OverflowError, OSError):
            continue
    return None
