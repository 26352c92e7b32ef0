"""The memory of loads: what is in raw, up to which day, and the one way to open the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import duckdb

from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.privacy import holds
from extractors.core.types import Stream

TABLES = """
create schema if not exists raw;
create schema if not exists ops;
create table if not exists raw.rejected_rows (
    source varchar, stream varchar, attempt varchar, file varchar, line bigint,
    column_name varchar, reason varchar);
create table if not exists ops.load_ledger (
    source varchar, stream varchar, window_first date, window_last date, attempt varchar,
    status varchar, error varchar, manifest_sha256 varchar, file varchar, fingerprint varchar,
    cursor varchar, rows_landed bigint, rows_written bigint, rows_rejected bigint,
    rows_replaced bigint, cells_rejected bigint, drift varchar, key_id varchar,
    fetched_at timestamptz, loaded_at timestamptz, primary key (source, stream, attempt));
alter table ops.load_ledger add column if not exists rows_replaced bigint;
create table if not exists ops.run (business_date date, timezone varchar, currency varchar);
create table if not exists ops.sources (
    source varchar, stream varchar, area varchar, configured boolean, lookback_days bigint,
    basis varchar);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of ops.load_ledger, in its column order but for `loaded_at`.

    rows_replaced: rows of the attempt that a newer row of their key has replaced, at its load or
    since; landed less rejected less replaced is what raw holds of it.
    """

    source: str
    stream: str
    window_first: date | None
    window_last: date | None
    attempt: str
    status: Literal["loaded", "failed"]
    error: str | None = None
    manifest_sha256: str | None = None
    file: str | None = None
    fingerprint: str | None = None
    cursor: str | None = None
    rows_landed: int = 0
    rows_written: int = 0
    rows_rejected: int = 0
    rows_replaced: int = 0
    cells_rejected: int = 0
    drift: str | None = None
    key_id: str | None = None
    fetched_at: datetime | None = None


FREE_SPACE = "Free some space, then run again"
DAMAGED = ("Corrupt database file", "Could not read enough bytes", "replaying WAL")

COLUMNS = tuple(field.name for field in fields(Entry))


def connect(
    path: Path, *, read_only: bool = False, memory: str = "1GB"
) -> duckdb.DuckDBPyConnection:
    """Open the warehouse: UTC, spill files beside it, at most `memory` of RAM.

    Raises: RetriableError while another program writes it; FatalError when it is no warehouse or
    the disk is full.
    """
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        db = duckdb.connect(str(path), read_only=read_only)
        db.execute("set timezone = 'UTC'")
        db.execute("set temp_directory = ?", [str(path.parent / "spill")])
        db.execute("set memory_limit = ?", [memory])
    except (duckdb.Error, OSError) as error:
        raise translate(error, path) from error
    return db


@contextmanager
def transaction(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep all that the block does, or nothing of it."""
    db.begin()
    try:
        yield
        db.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a full disk has ended the transaction already
            db.rollback()
        raise


def is_full(text: str) -> bool:
    """Tell whether an error speaks of a full disk."""
    return any(sign in text.lower() for sign in ("no space left", "file too large", "disk quota"))


def translate(error: duckdb.Error | OSError, path: Path | str) -> ExtractError:
    """Return what a database or file error means to the person who runs this."""
    text, where = str(error), str(path)
    if "lock" in text.lower() and "conflicting" in text.lower():
        holder = re.search(r"PID (\d+)", text)
        who = f" (process {holder[1]})" if holder else ""
        what = f"another program has the warehouse open{who}"
        return RetriableError(where, what, "Wait until it ends or stop it, then run again")
    if is_full(text):
        what = "the disk is full; nothing was half written"
        return FatalError(where, what, FREE_SPACE)
    if isinstance(error, duckdb.OutOfMemoryException):
        what = f"not enough memory or spill space ({text.splitlines()[0]})"
        return FatalError(where, what, "Free memory and disk space, then run again")
    if "newer version of DuckDB" in text:
        what = f"a newer DuckDB wrote this file, this one is {duckdb.__version__}"
        do = "Update beyond-likes, or move it and its .wal away and run beyond-likes replay"
        return FatalError(where, what, do)
    replay = "Move it and its .wal away, then run beyond-likes replay"
    if "not a valid DuckDB database" in text:
        return FatalError(where, "this file is no DuckDB database", replay)
    if any(sign in text for sign in DAMAGED):
        what = f"this file is damaged ({text.splitlines()[0]})"
        return FatalError(where, what, replay)
    first = text.splitlines()[0] if text else type(error).__name__
    return FatalError(where, first, "See the log; beyond-likes replay rebuilds raw from landing")


def write(db: duckdb.DuckDBPyConnection, entries: list[Entry]) -> None:
    """Note loads, inside the caller's transaction."""
    marks = ", ".join("?" for _ in COLUMNS)
    sql = f"insert into ops.load_ledger ({', '.join(COLUMNS)}, loaded_at) values ({marks}, now())"
    if entries:
        db.executemany(sql, [astuple(entry) for entry in entries])


def note_replaced(db: duckdb.DuckDBPyConnection, stream: Stream, counts: dict[str, int]) -> None:
    """Add to older attempts the rows of theirs that have just left raw; unknown stays unknown."""
    sql = """update ops.load_ledger set rows_replaced = rows_replaced + ?
        where source = ? and stream = ? and attempt = ?"""
    if counts:
        mine = [[rows, stream.source, stream.name, attempt] for attempt, rows in counts.items()]
        db.executemany(sql, mine)


def covered(db: duckdb.DuckDBPyConnection, stream: Stream) -> set[str]:
    """Return the attempts that need no load any more: loaded ones and refused ones."""
    sql = "select attempt from ops.load_ledger where source = ? and stream = ?"
    return {row[0] for row in db.execute(sql, [stream.source, stream.name]).fetchall()}


def watermark(
    db: duckdb.DuckDBPyConnection, stream: Stream, start: date
) -> tuple[date | None, str | None]:
    """Return the last day up to which raw has all days from `start` on, and the cursor to go on.

    Shape: None at first. Attempts behind a gap do not count, nor do their cursors: what was asked
    for ahead of the history leaves the days before it to be read. The night of an older day finds
    no gap in what the history was before its first one. Days that had not come when a window was
    read (a date mistyped, a clock ahead) are not loaded.
    """
    sql = """select window_first, least(window_last, cast(fetched_at as date)), attempt, cursor
        from ops.load_ledger
        where source = ? and stream = ? and status = 'loaded' and window_first is not null
        order by window_first"""
    rows = db.execute(sql, [stream.source, stream.name]).fetchall()
    ends = max((row[1] for row in rows), default=start)
    reach = max(start, ends - timedelta(days=stream.history_days))
    loaded, newest, going_on = None, "", None
    for first, last, attempt, cursor in rows:
        if first > reach:
            break
        loaded = max(loaded or last, last)
        reach = max(reach, loaded + timedelta(days=1))
        if cursor is not None and attempt > newest:
            newest, going_on = attempt, cursor
    return loaded, going_on


def fingerprints(db: duckdb.DuckDBPyConnection, stream: Stream) -> set[str]:
    """Return the fingerprints of files that are loaded; a file that failed is not among them."""
    sql = """select fingerprint from ops.load_ledger
        where source = ? and stream = ? and status = 'loaded' and fingerprint is not null"""
    return {row[0] for row in db.execute(sql, [stream.source, stream.name]).fetchall()}


def compact(path: Path) -> None:
    """Write the warehouse anew, so that no deleted row is left in its file's free space.

    Raises: what `translate` makes of an error; the warehouse then is the old one.
    """
    draft = path.with_name(f"{path.name}.compact")
    draft.unlink(missing_ok=True)
    try:
        with connect(path) as db:
            _attach_foreign(db)
            db.execute(f"attach '{str(draft).replace(chr(39), chr(39) * 2)}' as fresh")
            own = (db.execute("select current_database()").fetchone() or ("",))[0]
            db.execute(f'copy from database "{own}" to fresh')
            db.execute("detach fresh")
        draft.replace(path)
    except duckdb.Error as error:
        raise translate(error, path) from error
    finally:
        for leftover in (draft, draft.with_name(f"{draft.name}.wal")):
            leftover.unlink(missing_ok=True)


def _attach_foreign(db: duckdb.DuckDBPyConnection) -> None:
    """Open the files of other loaders: views of staging read them."""
    sql = "select 1 from duckdb_tables() where schema_name = 'ops' and table_name = 'foreign'"
    if db.execute(sql).fetchone():
        sql = "select distinct database, file from ops.foreign where file is not null"
        for name, file in db.execute(sql).fetchall():
            db.execute(f"attach '{file.replace(chr(39), chr(39) * 2)}' as {name} (read_only)")


def same_key(db: duckdb.DuckDBPyConnection, key: str) -> None:
    """Refuse to go on with a key that none of the loaded pseudonyms was made with.

    Raises: FatalError that names both keys by their ids.
    """
    sql = "select distinct key_id from ops.load_ledger where status = 'loaded' and key_id <> ''"
    known = sorted(one for (one,) in db.execute(sql).fetchall())
    if known and not any(holds(key, one) for one in known):
        what = f"its pseudonyms were made with key {known[-1]}, this key is {key}"
        do = (
            "Set that key again (BEYOND_LIKES_HMAC_KEY, or secrets/hmac_key); rotate-key changes it"
        )
        raise FatalError("warehouse", what, do)
