"""Copies a release into a schema of PostgreSQL in one transaction, with readers at work.

Rows are deleted and copied anew, tables stay: by PostgreSQL's snapshots a reader sees all tables of
one night or all of the next, waits for nobody, and keeps grants, views and indexes of its own.
Only a table whose columns changed, or that is no more, is locked, in a moment when nobody reads it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from extractors.core.errors import FatalError, RetriableError
from extractors.postgres.link import LOCKED, Link, StatementError, connected
from extractors.postgres.tables import (
    INDEX,
    Table,
    comments,
    identifier,
    literal,
    present,
    tables_of,
)

log = logging.getLogger(__name__)

SCHEMA = "beyond_likes"
CHUNK = 1 << 18  # bytes a message; the driver's own 8 kB took 1.4 times as long
PATIENCE_SECONDS = 60.0  # for a moment without readers of a table whose columns change
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Job:
    """One copy: where from, where to."""

    link: Link
    schema: str
    marts: duckdb.DuckDBPyConnection
    scratch: Path

    def name(self, table: str) -> str:
        """Return the table's quoted name."""
        return f"{identifier(self.schema)}.{identifier(table)}"


def copy(
    release: Path,
    url: str,
    *,
    schema: str = SCHEMA,
    done: Callable[[str], None] = lambda _line: None,
    patience: float = PATIENCE_SECONDS,
) -> dict[str, Any]:
    """Make `schema` what the release folder is, and return what is there now.

    Shape: {business_date, release, schema, tables, rows}. Tables of the schema that others made are
    left alone. `patience` is in seconds.
    Raises: UsageError on a wrong URL, FatalError or RetriableError when nothing was copied.
    """
    catalog = json.loads((release / "catalog.json").read_text(encoding="utf-8"))
    tables = tables_of(catalog)
    with (
        connected(url) as link,
        duckdb.connect(str(release / "marts.duckdb"), read_only=True) as marts,
        TemporaryDirectory(prefix="beyond-likes-") as scratch,
    ):
        job = Job(link, schema, marts, Path(scratch))
        link.run("begin")
        _reserve(job)
        _copy_all(job, tables, catalog, done, patience)
        link.run("commit")
        _tidy(job, [INDEX.name, *(table.name for table in tables)])
    rows = sum(table.rows for table in tables)
    told = {name: catalog[name] for name in ("business_date", "release")}
    return {**told, "schema": schema, "tables": len(tables), "rows": rows}


def _reserve(job: Job) -> None:
    """Wait for another copy into this schema, and make the schema where there is none."""
    job.link.run("set local lock_timeout = '60s'")
    job.link.run(
        "select pg_advisory_xact_lock(hashtextextended(cast(:name as text), 6))", name=job.schema
    )
    found = job.link.run("select 1 from pg_namespace where nspname = :name", name=job.schema)
    if not found:  # `if not exists` asks for the right to create one even where it exists
        job.link.run(f"create schema {identifier(job.schema)}")


def _copy_all(
    job: Job,
    tables: list[Table],
    catalog: Mapping[str, Any],
    done: Callable[[str], None],
    patience: float,
) -> None:
    here = present(job.link, job.schema)
    ours = _ours(job, here)
    for table in tables:
        if table.name in here and table.name not in ours:
            what = f"{job.schema}.{table.name} is there and not ours; nothing was copied"
            raise FatalError("postgres", what, "Rename it, or name another schema with --schema")
    same = [t for t in tables if here.get(t.name, t.kinds) == t.kinds]
    changed = [t for t in tables if t not in same]
    gone = sorted(ours - {t.name for t in tables} - {INDEX.name})
    for table in same:
        if table.name not in here:
            job.link.run(f"create table {job.name(table.name)} ({table.columns_sql})")
        _fill(job, table)
        done(f"  {table.name}: {table.rows} rows")
    if changed or gone:
        _alone(job, [*(t.name for t in changed), *gone], patience)
    for name in gone:
        job.link.run(f"drop table {job.name(name)}")
    for table in changed:
        _reshape(job, table, here[table.name])
        _fill(job, table)
        done(f"  {table.name}: {table.rows} rows, columns changed")
    _note(job, tables, catalog)
    for statement in comments(job.link, job.schema, [INDEX, *tables]):
        job.link.run(statement)


def _ours(job: Job, here: Mapping[str, Any]) -> set[str]:
    if INDEX.name not in here:
        job.link.run(f"create table {job.name(INDEX.name)} ({INDEX.columns_sql})")
        return set()
    return {name for (name,) in job.link.run(f"select table_name from {job.name(INDEX.name)}")}


def _fill(job: Job, table: Table) -> None:
    """Replace the rows of one table by the release's."""
    job.link.run(f"delete from {job.name(table.name)}")
    file = job.scratch / "table.csv"
    job.marts.execute(
        f"copy ({table.select_sql}) to {literal(str(file))} (format csv, header false)"
    )
    into = f"copy {job.name(table.name)} ({table.names_sql}) from stdin (format csv)"
    job.link.run(into, stream=_chunks(file))
    if job.link.changed != table.rows:
        what = f"{job.link.changed} of {table.rows} rows arrived; nothing was changed"
        raise RetriableError(f"postgres {table.name}", what, "Publish again")


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        yield from iter(lambda: lines.read(CHUNK), b"")


def _alone(job: Job, names: list[str], patience: float) -> None:
    """Lock tables in a moment when nobody reads them; never queue, or readers would queue behind.

    Raises: RetriableError when there is no such moment.
    """
    listed = ", ".join(job.name(name) for name in names)
    until = time.monotonic() + patience
    while True:
        job.link.run("savepoint alone")
        try:
            job.link.run(f"lock table {listed} in access exclusive mode nowait")
        except StatementError as error:
            if error.code != LOCKED:
                raise
            job.link.run("rollback to savepoint alone")
        else:
            return
        if time.monotonic() > until:
            what = f"{', '.join(names)}: columns changed, but readers hold it open all the time"
            do = "End their transactions (pg_stat_activity shows them), then publish again"
            raise RetriableError(f"postgres {job.schema}", what, do)
        time.sleep(PAUSE_SECONDS)


def _reshape(job: Job, table: Table, here: Mapping[str, str]) -> None:
    wrong = [name for name, kind in here.items() if table.kinds.get(name) != kind]
    missing = [name for name, kind in table.kinds.items() if here.get(name) != kind]
    steps = [f"drop column {identifier(name)}" for name in wrong]
    steps += [f"add column {identifier(name)} {table.kinds[name]}" for name in missing]
    job.link.run(f"delete from {job.name(table.name)}")
    job.link.run(f"alter table {job.name(table.name)} {', '.join(steps)}")


def _note(job: Job, tables: list[Table], catalog: Mapping[str, Any]) -> None:
    """Note which tables are ours, and of which night."""
    job.link.run(f"delete from {job.name(INDEX.name)}")
    for table in tables:
        job.link.run(
            f"insert into {job.name(INDEX.name)} ({INDEX.names_sql})"
            " values (:name, :rows, cast(:day as date), :release, now() at time zone 'UTC')",
            name=table.name,
            rows=table.rows,
            day=catalog["business_date"],
            release=catalog["release"],
        )


def _tidy(job: Job, names: list[str]) -> None:
    """Free the space of the rows before, so that a table takes the space of two nights at most.

    It locks no reader out: `truncate off`, since giving pages back to the disk would.
    """
    for name in names:
        try:
            job.link.run(f"vacuum (truncate off, analyze) {job.name(name)}")
        except StatementError as error:  # the copy is out; autovacuum comes later
            log.warning("postgres %s: not vacuumed (%s)", name, error)
