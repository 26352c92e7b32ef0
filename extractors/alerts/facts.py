"""What the alerts and the digest know: rows of the published marts, as they stand there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from extractors.core.errors import FatalError

Row = Mapping[str, Any]

# The month that the scorecard shows and the one before it, in the headline slice.
MONTHS = """
select v.* from kpi_values as v
inner join kpi_scorecard as s
    on v.kpi = s.kpi and v.slice = s.slice and v.slice_value = s.slice_value
where v.period_grain = 'month' and v.mature
    and v.period_start in (s.period_start, cast(s.period_start - interval 1 month as date))
order by v.kpi, v.period_start
"""
SCORECARD = """
select s.*, d.interval_method from kpi_scorecard as s
left join kpi_definitions as d on s.kpi = d.kpi
order by s.goal, s.kpi
"""
REVIEWS = "select * from kpi_review_effects order by review_date, kpi, campaign, lever, decision"


@dataclass(frozen=True)
class Published:
    """One release. `day` is its business date; the rows have the columns of their mart."""

    day: date
    scorecard: tuple[Row, ...] = ()
    months: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    campaigns: tuple[Row, ...] = ()
    coverage: tuple[Row, ...] = ()
    reviews: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Clock:
    """What the marts do not say: the business day that should be out, the limit of rejects."""

    expected: date
    reject_limit: float


def read(home: Path) -> Published:
    """Return the newest release under `home`.

    Raises: FatalError where nothing is published yet, or by a version without these marts.
    """
    try:
        folder = (home / "published").resolve(strict=True)  # one release, even if one is swapped in
        catalog = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
        with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as db:
            return Published(
                day=date.fromisoformat(catalog["business_date"]),
                scorecard=_rows(db, SCORECARD),
                months=_by_kpi(_rows(db, MONTHS)),
                campaigns=_rows(db, "select * from kpi_campaigns order by campaign"),
                coverage=_rows(
                    db, "select * from data_coverage order by department, source, stream"
                ),
                reviews=_rows(db, REVIEWS),
            )
    except FileNotFoundError as error:
        do = "Run `beyond-likes run` first"
        raise FatalError(str(home / "published"), "nothing is published yet", do) from error
    except (duckdb.Error, ValueError, KeyError) as error:
        what = f"the release is not readable ({' '.join(str(error).split())[:200]})"
        do = "Run `beyond-likes build` and `beyond-likes publish`"
        raise FatalError(str(home / "published"), what, do) from error


def days_until(day: date, later: date) -> int:
    """Return how many days `later` lies after `day`; negative when before."""
    return (later - day) // timedelta(days=1)


def _rows(db: duckdb.DuckDBPyConnection, sql: str) -> tuple[Row, ...]:
    found = db.execute(sql)
    names = [column[0] for column in found.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())


def _by_kpi(rows: tuple[Row, ...]) -> dict[str, tuple[Row, ...]]:
    return {kpi: tuple(r for r in rows if r["kpi"] == kpi) for kpi in {r["kpi"] for r in rows}}
