"""What `beyond-likes sources` tells at a glance: on or off, credentials, freshness, rows, owner."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from extractors import locks
from extractors.core import loader
from extractors.core.errors import ExtractError
from extractors.project import FILE_SOURCES, Project, modules, streams

STATES = ("broken", "stale", "waiting", "fresh", "elsewhere", "off")
STALE_AFTER_DAYS = {"api": 2, "files": 35}  # as in the mart data_coverage
LOADED = """
with attempts as (
    select *, row_number() over (
        partition by stream, file order by loaded_at desc, attempt desc) as newest_first
    from ops.load_ledger where source = ?
),
streams as (
    select
        max(case when status = 'loaded' then window_last end) as last_day,
        max(case when status = 'loaded' then loaded_at end) as loaded_at,
        sum(case when status = 'loaded' then rows_written end) as rows_written,
        max(case when newest_first = 1 and status = 'failed' then error end) as error
    from attempts group by stream
)
select min(last_day), max(last_day), max(loaded_at), sum(rows_written), min(error) from streams
"""
OWNER = """
select contact_name, contact from raw.company__kpi_owners
where source = ? and (valid_from is null or valid_from <= ?) and (valid_to is null or valid_to >= ?)
order by valid_from desc limit 1
"""


def overview(own: Project, day: date) -> list[dict[str, Any]]:
    """Return one row a known source.

    Shape: source, state, on, credentials (ok | what is missing | none needed), last_day (the newest
    one loaded, of the stream that is furthest behind), loaded_at, days_behind `day`, rows (written
    ever), owner, last_error (of a stream's or file's newest attempt, null when all loaded). The
    state is one of STATES: waiting was never loaded, elsewhere is loaded by another tool; rows come
    in that order.
    """
    names = [name for name in modules() if name != "company"]
    names += [name for name in own.config.sources if name not in modules()]
    if not own.warehouse.exists():
        return _sorted([_row(own, name, None, None, day) for name in names])
    with locks.writer(own), locks.opened(own) as db:
        loader.prepare(db, streams().values())
        return _sorted(
            [_row(own, name, _one(db, LOADED, name), _owner(db, name, day), day) for name in names]
        )


def _row(
    own: Project, name: str, loaded: tuple[Any, ...] | None, owner: str | None, day: date
) -> dict[str, Any]:
    least, most, at, rows, error = loaded or (None,) * 5
    last = most if name in FILE_SOURCES else least
    on, credentials = name in own.config.sources, _credentials(own, name)
    behind = (day - last).days if last else None
    row = {
        "on": "on" if on else "off",
        "credentials": credentials,
        "last_day": last,
        "loaded_at": f"{at:%Y-%m-%d %H:%M}" if at else None,
        "days_behind": behind,
        "rows": rows,
        "owner": owner,
        "last_error": error,
    }
    stale_after = STALE_AFTER_DAYS["files" if name in FILE_SOURCES else "api"]
    if not on:
        state = "off"
    elif error or not credentials.startswith(("ok", "none needed", "loaded by")):
        state = "broken"
    elif credentials.startswith("loaded by"):
        state = "elsewhere"
    elif behind is None:
        state = "waiting"
    else:
        state = "stale" if behind > stale_after else "fresh"
    return {"source": name, "state": state, **row}


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: STATES.index(row["state"]))


def _credentials(own: Project, name: str) -> str:
    if name in FILE_SOURCES:
        return "none needed"
    if name not in own.config.sources:
        return ""
    if loader_name := own.config.sources[name].get("loaded_by"):
        return f"loaded by {loader_name}"
    try:
        own.account(name)
    except ExtractError as error:
        return error.what
    return "ok"


def _owner(db: duckdb.DuckDBPyConnection, name: str, day: date) -> str | None:
    found = db.execute(OWNER, [name, day, day]).fetchone()
    return " ".join(part for part in found if part) if found else None


def _one(db: duckdb.DuckDBPyConnection, sql: str, name: str) -> tuple[Any, ...] | None:
    return db.execute(sql, [name]).fetchone()
