"""Loads landed attempts into raw: one transaction a stream, the newest row of a key wins.

With ledger.py and staging.py the only writer of the schemas raw and ops.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extractors.core import ledger, places
from extractors.core.errors import FatalError
from extractors.core.landing import Attempt, attempts
from extractors.core.ledger import connect, transaction
from extractors.core.merging import (
    attempts_of,
    drop_older_twins,
    drop_what_is_newer_in_raw,
    insert,
    is_empty,
    note_written,
    swap,
)
from extractors.core.places import Place
from extractors.core.staging import STAGED, Item, refuse, stage, types
from extractors.core.types import Stream

__all__ = ["Loaded", "connect", "load", "prepare", "replay"]

SPOKEN = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
UNUSABLE = (duckdb.DataError, duckdb.InvalidInputException, duckdb.SyntaxException)

# Enough for any number of rows: they pass through, and what must be held spills to disk. Measured:
# the same CPU as with 1 GB, less than half the memory (docs/performance.md).
THREADS, MEGABYTES_A_THREAD = 4, 64

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one stream's load did; `errors` are the attempts that stayed out."""

    label: str
    attempts: int
    rows: int
    rejected: int
    cells_rejected: int
    errors: tuple[str, ...]


def prepare(db: duckdb.DuckDBPyConnection, streams: Iterable[Stream]) -> None:
    """Create the ledger and the raw table of every stream, and columns that are new.

    Raises: FatalError when a column has another type than the stream declares.
    """
    with transaction(db):
        db.execute(ledger.TABLES)
        there: dict[str, dict[str, str]] = {}
        sql = """select table_name, column_name, data_type from duckdb_columns()
            where schema_name = 'raw' and database_name = current_database()"""
        for table, column, kind in db.execute(sql).fetchall():
            there.setdefault(table, {})[column] = SPOKEN.get(kind, kind)
        for stream in streams:
            _shape(db, stream, there.get(stream.table))


def _shape(db: duckdb.DuckDBPyConnection, stream: Stream, there: dict[str, str] | None) -> None:
    table, wanted = f"raw.{stream.table}", types(stream)
    if there is None:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
        db.execute(f"create table {table} ({columns})")
        return
    for name, kind in wanted.items():
        if name not in there:
            db.execute(f'alter table {table} add column "{name}" {kind}')
        elif there[name] != kind:
            what = f"column {name} is {there[name]} here, the stream declares {kind}"
            raise FatalError(table, what, f"Run beyond-likes replay {stream.source}")


def load(
    db: duckdb.DuckDBPyConnection,
    streams: Mapping[str, Stream],
    root: Place,
    *,
    only: Collection[str] | None = None,
    key: str | None = None,
) -> list[Loaded]:
    """Load every attempt that no ledger row covers; return one line a stream that had some.

    An attempt that is damaged, wrong, or whose pseudonyms another key made than the one with the
    id `key`, is noted in the ledger as failed and changes nothing; the next clean one heals it.
    Raises: FatalError on a full disk; nothing is half loaded.
    """
    waiting: dict[str, list[Attempt]] = {}
    for attempt in attempts(root):
        waiting.setdefault(f"{attempt.source}.{attempt.stream}", []).append(attempt)
    done = []
    for label, stream in streams.items():
        if label in waiting and (only is None or label in only):
            known = ledger.covered(db, stream)
            new = [attempt for attempt in waiting[label] if attempt.attempt not in known]
            if new:
                done.append(_load_stream(db, stream, new, root, key))
    return done


def _load_stream(
    db: duckdb.DuckDBPyConnection,
    stream: Stream,
    new: list[Attempt],
    root: Place,
    key: str | None,
) -> Loaded:
    prepare(db, [stream])
    row = db.execute("select path from duckdb_databases() where database_name = "
                     "current_database()").fetchone()  # fmt: skip
    path = Path((row and row[0]) or stream.label)
    try:
        with places.scratch(root, path.parent) as scratch:
            items = [Item.read(attempt, scratch, key) for attempt in new]
            try:
                with _frugal(db):
                    _load_items(db, stream, items)
            except duckdb.OutOfMemoryException:
                log.info("%s: again with all the memory there is", stream.label)
                _load_items(db, stream, items)
    except (duckdb.Error, OSError) as error:
        raise ledger.translate(error, path) from error
    loaded = Loaded(
        stream.label,
        sum(not item.attempt.failed for item in items),
        sum(item.rows_written for item in items),
        sum(item.rows_rejected for item in items),
        sum(item.cells_rejected for item in items),
        tuple(str(item.problem) for item in items if item.problem),
    )
    log.info("%s: %s rows written, %s rejected, %s attempts, %s failed", stream.label, loaded.rows,
             loaded.rejected, loaded.attempts, len(loaded.errors))  # fmt: skip
    return loaded


def _load_items(db: duckdb.DuckDBPyConnection, stream: Stream, items: list[Item]) -> None:
    """Load all in one transaction; when the database cannot read them, find the one to blame."""
    try:
        with transaction(db):
            usable = [item for item in items if item.usable]
            if stream.mode == "replace":
                _replace(db, stream, usable)
            else:
                _add(db, stream, usable)
            ledger.write(db, [item.entry() for item in items])
    except UNUSABLE as error:
        if len(items) > 1:
            for item in items:
                _load_items(db, stream, [item])
            return
        what = f"DuckDB cannot read it ({type(error).__name__})"
        where = str(items[0].attempt.folder)
        items[0].problem = FatalError(where, what, "Extract this window again")
        with transaction(db):
            ledger.write(db, [items[0].entry()])


def _add(db: duckdb.DuckDBPyConnection, stream: Stream, items: list[Item]) -> None:
    """Bring the rows of all attempts in; of two rows with one key the newest stays."""
    if not items:
        return
    stage(db, stream, items)
    refuse(db, stream, items)
    drop_older_twins(db, stream)
    empty = is_empty(db, stream)
    if not empty:
        ledger.note_replaced(db, stream, drop_what_is_newer_in_raw(db, stream))
    note_written(db, items)
    swap(db, stream) if empty else insert(db, stream)


def _replace(db: duckdb.DuckDBPyConnection, stream: Stream, items: list[Item]) -> None:
    """Make the newest good attempt the whole table, unless a newer one is there already."""
    loaded = db.execute(
        "select coalesce(max(attempt), '') from ops.load_ledger"
        " where source = ? and stream = ? and status = 'loaded'",
        [stream.source, stream.name],
    ).fetchone()
    for item in items:
        item.rows_replaced = item.head["rows"]  # unless it is the one
    for item in reversed(items):
        if loaded and item.attempt.attempt < loaded[0]:
            return
        stage(db, stream, [item])
        refuse(db, stream, [item])
        if not item.problem:
            drop_older_twins(db, stream)
            note_written(db, [item])
            ledger.note_replaced(db, stream, attempts_of(db, f"raw.{stream.table}"))
            swap(db, stream)
            return
        item.rows_replaced = 0
        db.execute(f"drop table {STAGED}")


def replay(
    db_path: Path, streams: Mapping[str, Stream], root: Place, *, key: str | None = None
) -> list[Loaded]:
    """Build the raw tables of `streams` anew from landing and exchange them in one transaction.

    Raises: FatalError when landing lacks or has damaged what raw was made of; raw then stays.
    """
    draft = db_path.with_name(f"{db_path.name}.replay")
    _forget(draft)
    try:
        with connect(draft) as db:
            prepare(db, streams.values())
            loaded = load(db, streams, root, key=key)
        with connect(db_path) as db:
            try:
                _exchange(db, streams, draft)
            except duckdb.Error as error:
                raise ledger.translate(error, db_path) from error
    finally:
        _forget(draft)
    return loaded


def _exchange(db: duckdb.DuckDBPyConnection, streams: Mapping[str, Stream], draft: Path) -> None:
    db.execute(f"attach '{str(draft).replace(chr(39), chr(39) * 2)}' as fresh (read_only)")
    try:
        with transaction(db):
            db.execute(ledger.TABLES)
            for stream in streams.values():
                _nothing_is_lost(db, stream)
                mine = f"source = '{stream.source}' and stream = '{stream.name}'"
                table = f"raw.{stream.table}"
                db.execute(f"create or replace table {table} as from fresh.{table}")
                for name in ("raw.rejected_rows", "ops.load_ledger"):
                    db.execute(f"delete from {name} where {mine}")
                    db.execute(f"insert into {name} by name from fresh.{name} where {mine}")
    finally:
        db.execute("detach fresh")


def _nothing_is_lost(db: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    lost = db.execute(
        """select count(*), min(attempt), first((
                select error from fresh.ops.load_ledger as new
                where new.attempt = old.attempt and new.source = old.source
                    and new.stream = old.stream) order by attempt)
        from ops.load_ledger as old
        where source = ? and stream = ? and status = 'loaded' and rows_landed > 0
            and not exists (
                from fresh.ops.load_ledger as new
                where new.attempt = old.attempt and new.source = old.source
                    and new.stream = old.stream and new.status = 'loaded')""",
        [stream.source, stream.name],
    ).fetchone()
    if lost and lost[0]:
        what = f"landing lacks {lost[0]} attempts that raw was made of, first {lost[1]}"
        if lost[2]:
            what += f" ({lost[2].rstrip('.')})"
        do = "Bring these folders back from a backup; raw was left as it is"
        raise FatalError(stream.label, what, do)


def _forget(draft: Path) -> None:
    for path in (draft, draft.with_name(f"{draft.name}.wal")):
        path.unlink(missing_ok=True)


@contextmanager
def _frugal(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Load with little memory and few threads; the connection's own settings come back."""
    names = ("threads", "memory_limit", "preserve_insertion_order")
    own = [db.execute("select current_setting(?)", [n]).fetchall()[0][0] for n in names]
    threads = min(own[0], THREADS)
    with suppress(duckdb.OutOfMemoryException):  # more is in use: then without this limit
        db.execute(f"set threads = {threads}")
        db.execute("set preserve_insertion_order = false")  # rows are ordered by _line
        db.execute(f"set memory_limit = '{threads * MEGABYTES_A_THREAD}MB'")
    try:
        yield
    finally:
        for name, value in zip(names, own, strict=True):
            with suppress(duckdb.Error):  # a full disk may have closed the database
                db.execute(f"set {name} = '{value}'")
