"""What dbt on Spark reads in the place of a warehouse: the run's tables, and landing itself.

The ledger of `load` says which attempts count; which of their rows do, and what their cells hold,
dbt_project/macros/landing.sql says, from the facts that are written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson

from extractors import handover
from extractors.core import ledger, places
from extractors.core.errors import FatalError, UsageError
from extractors.core.landing import Attempt, attempts
from extractors.core.staging import Item
from extractors.core.types import Stream
from extractors.project import Project, streams

PARTS = """
create table ops.landed_parts (source varchar, stream varchar, path varchar, attempt varchar,
    batch varchar, modified_at varchar, is_counted boolean, is_refused boolean)
"""
# An attempt counts when it is loaded; of a stream that is replaced, the newest. Refused rows are
# those of a file's newest attempt (core/staging.py, core/loader.py).
USED = """
select attempt, counts, refused
from (
    select
        attempt,
        status = 'loaded'
        and (not ? or attempt = max(attempt) filter (where status = 'loaded') over ()) as counts,
        rows_rejected > 0 and attempt = max(attempt) over (partition by file) as refused
    from ops.load_ledger
    where source = ? and stream = ?
)
where counts or refused
order by attempt
"""


def hand_over(own: Project, last: date, folder: Path) -> list[str]:
    """Write into `folder` what dbt on Spark needs for a build as of `last`; change nothing else.

    Return the arguments of that build. Shape: handed.json, one line that names the tables and
    describes the streams; ops/{table}.parquet. Raises: UsageError when there is such a folder;
    FatalError where landing lacks or has damaged an attempt that raw was made of.
    """
    if folder.exists():
        raise UsageError(str(folder), "it is there already", "Name a new folder")
    (folder / "ops").mkdir(parents=True)
    with duckdb.connect() as db:
        unread = _noted(db, own, last)
        landed = _note_parts(db, own)
        sql = "select table_name from duckdb_tables() where schema_name = 'ops' order by 1"
        tables = [name for (name,) in db.execute(sql).fetchall()]
        for name in tables:
            db.execute(f"copy ops.{name} to '{_quoted(folder / 'ops' / name)}.parquet'")
    told = [_told(own, stream, landed.get(stream.label)) for stream in streams().values()]
    (folder / "handed.json").write_bytes(orjson.dumps({"tables": tables, "streams": told}))
    return ["--exclude-resource-type", "unit_test", "test", *handover.empty_models(unread)]


def _noted(db: duckdb.DuckDBPyConnection, own: Project, last: date) -> list[str]:
    """Make the tables of schema ops here, with the warehouse's ledger; return what is not read."""
    db.execute("set timezone = 'UTC'")
    db.execute(ledger.TABLES)
    try:
        db.execute(f"attach '{_quoted(own.warehouse)}' as warehouse (read_only)")
    except duckdb.Error as error:
        raise ledger.translate(error, own.warehouse) from error
    db.execute("insert into ops.load_ledger by name from warehouse.ops.load_ledger")
    db.execute("detach warehouse")
    return handover.note(db, own, last, whole=False)


def _note_parts(db: duckdb.DuckDBPyConnection, own: Project) -> dict[str, bool]:
    """Write ops.landed_parts; return the streams that have any, and whether rows were refused."""
    there = {(one.source, one.stream, one.attempt): one for one in attempts(own.landing)}
    db.execute(PARTS)
    landed: dict[str, bool] = {}
    with places.scratch(own.landing, own.config.home) as scratch:
        for stream in streams().values():
            mine = (stream.source, stream.name)
            used = db.execute(USED, [stream.mode == "replace", *mine]).fetchall()
            rows = [
                [*mine, *part, counts, refused]
                for attempt, counts, refused in used
                for part in _parts(stream, attempt, there.get((*mine, attempt)), scratch)
            ]
            if rows:
                marks = ", ".join("?" for _ in rows[0])
                db.executemany(f"insert into ops.landed_parts values ({marks})", rows)
                landed[stream.label] = any(row[-1] for row in rows)
    return landed


def _parts(
    stream: Stream, name: str, attempt: Attempt | None, scratch: Path
) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield path below the window, attempt, batch and time of each part of a sound attempt."""
    if attempt is None:
        what = f"landing lacks attempt {name}, which raw was made of"
        raise FatalError(stream.label, what, "Bring its folder back from a backup")
    item = Item.read(attempt, scratch)
    if item.problem:
        raise item.problem
    for part in item.head["parts"]:
        path = f"{attempt.folder.name}/{part['file']}"
        yield path, name, item.batch, item.file.get("modified_at")


def _told(own: Project, stream: Stream, refused: bool | None) -> dict[str, Any]:
    """Describe a stream; `landed` is null where it has no part, so that nobody looks for one."""
    parts = f"{own.landing / stream.source / stream.name}/window=*/attempt=*/part-*.ndjson.zst"
    return {
        "source": stream.source,
        "stream": stream.name,
        "table": stream.table,
        "is_file": stream.mode == "file",
        "key": stream.key,
        "required": stream.required,
        "columns": {name: column.type for name, column in stream.columns.items()},
        "landed": None if refused is None else parts,
        "has_refused": bool(refused),
    }


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
