"""What `beyond-likes sources` tells at a glance: on or off, credentials, freshness, rows, owner."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from extractors.core import loader
from extractors.core.errors import ExtractError
from extractors.project import FILE_SOURCES, Project, modules, streams

LOADED = """
select
    max(case when status = 'loaded' then window_last end),
    max(case when status = 'loaded' then loaded_at end),
    sum(case when status = 'loaded' then rows_written end),
    max_by(case when status = 'failed' then error end, attempt)
from ops.load_ledger where source = ?
"""
OWNER = """
select contact_name, contact from raw.company__kpi_owners
where source = ? and (valid_from is null or valid_from <= ?) and (valid_to is null or valid_to >= ?)
order by valid_from desc limit 1
"""


def overview(own: Project, day: date) -> list[dict[str, Any]]:
    """Return one row a known source.

    Shape: source, on, credentials (ok | what is missing | none needed), last_day (of the newest
    loaded window), loaded_at, days_behind `day`, rows (written ever), owner, last_error (of the
    newest attempt, null when it loaded).
    """
    names = [name for name in modules() if name != "company"]
    names += [name for name in own.config.sources if name not in modules()]
    if not own.warehouse.exists():
        return [_row(own, name, None, None, day) for name in names]
    with loader.connect(own.warehouse) as db:
        loader.prepare(db, streams().values())
        return [
            _row(own, name, _one(db, LOADED, name), _owner(db, name, day), day) for name in names
        ]


def _row(
    own: Project, name: str, loaded: tuple[Any, ...] | None, owner: str | None, day: date
) -> dict[str, Any]:
    last, at, rows, error = loaded or (None, None, None, None)
    return {
        "source": name,
        "on": "on" if name in own.config.sources else "off",
        "credentials": _credentials(own, name),
        "last_day": last,
        "loaded_at": f"{at:%Y-%m-%d %H:%M}" if at else None,
        "days_behind": (day - last).days if last else None,
        "rows": rows,
        "owner": owner,
        "last_error": error,
    }


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
