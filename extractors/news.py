"""What is new since the last build, and whether the rows it made may be kept (macros/kept.sql)."""

from __future__ import annotations

import hashlib
import logging
from datetime import date
from typing import TypeAlias

import duckdb

from extractors.project import DBT_PROJECT

log = logging.getLogger(__name__)

# A replay writes the ledger anew: what was loaded again is news, and so is what is gone.
TABLES = """
create table if not exists ops.seen (source varchar, stream varchar, attempt varchar,
    fetched_at timestamptz, loaded_at timestamptz);
create or replace table ops.news as
with loaded as (
    select source, stream, attempt, fetched_at, loaded_at from ops.load_ledger
    where status = 'loaded'
), seen as (
    from ops.seen
)
select source, stream, attempt, fetched_at,
    coalesce(fetched_at <= (
        select max(fetched_at) from ops.seen as seen
        where seen.source = news.source and seen.stream = news.stream), false) as is_old
from ((from loaded except from seen) union all (from seen except from loaded)) as news;
"""
# Of a file's rows of one key the one fetched last stays: without looking at all others it can be
# told only when the new rows are newer than they, and when none of them is gone. Conversions and
# contacts are compared row by row then (macros/kept_entities.sql); posts have too many rows.
OLD_POSTS = """
select count(*) from ops.news
where source = 'file_drop' and stream in ('posts', 'post_metrics') and is_old
"""
SEEN = """
create or replace table ops.seen as
    select source, stream, attempt, fetched_at, loaded_at from ops.load_ledger
    where status = 'loaded';
create or replace table ops.build (
    business_date date, finished boolean, anew_because varchar, fingerprint varchar);
"""
# What any row may depend on, besides the rows that sources said.
SETTINGS = (
    "ops.run", "ops.sources", "ops.systems_read", "ops.foreign",
    *(f"raw.company__{name}" for name in ("campaigns", "kpi_targets", "source_map")),
)  # fmt: skip
CLOCK = "business_date"
Before: TypeAlias = "tuple[date, str | None]"  # day and fingerprint of the last whole build


def note(db: duckdb.DuckDBPyConnection, last: date, *, whole: bool) -> None:
    """Write ops.news and begin ops.build; `anew_because` says why no row is kept, NULL: rows are.

    whole: the build makes every model; after another one nothing is kept, either.
    """
    before = _last_build(db)
    db.execute(TABLES)
    text = _fingerprint(db) if whole else None
    why = _anew_because(db, before, last, text)
    log.info("dbt build: %s", f"makes all rows anew, {why}" if why else "keeps rows")
    db.execute(SEEN)
    db.execute("insert into ops.build values (?, false, ?, ?)", [last, why, text])
    # what another tool loads has no attempts
    db.execute("insert into ops.news (source) select distinct source from ops.foreign")


def keeps(db: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the build that was begun keeps rows."""
    return db.execute("from ops.build where anew_because is null").fetchone() is not None


def finish(db: duckdb.DuckDBPyConnection) -> None:
    """Note that the build ran to its end; a build by hand after it makes all anew, too."""
    db.execute("update ops.build set finished = true")


def forget(db: duckdb.DuckDBPyConnection) -> None:
    """Let the next build make all anew, so that no table holds what has left."""
    if _is_noted(db):
        db.execute("update ops.build set fingerprint = null")


def _anew_because(
    db: duckdb.DuckDBPyConnection, before: Before | None, last: date, text: str | None
) -> str | None:
    if before is None:
        return "no build before it ran to its end"
    if text is None:
        return "this build is of single models"
    if before[1] is None:
        return "single models were made since the last whole build, or what has left is to go"
    if text != before[1]:
        return "models, settings or names of campaigns and sources have changed"
    if last < before[0]:
        return "its day is before that of the last build"
    if db.execute(OLD_POSTS).fetchall()[0][0]:
        return "files of posts or their metrics were loaded again, or after newer ones"
    return None


def _last_build(db: duckdb.DuckDBPyConnection) -> Before | None:
    if not _is_noted(db):
        return None
    sql = "select business_date, fingerprint from ops.build where finished"
    return db.execute(sql).fetchone()


def _is_noted(db: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a build was noted, and by a version that knows fingerprints."""
    there = (
        "select 1 from duckdb_columns() where schema_name = 'ops' and table_name = 'build'"
        " and column_name = 'fingerprint'"
    )
    return db.execute(there).fetchone() is not None


def _fingerprint(db: duckdb.DuckDBPyConnection) -> str:
    found = hashlib.sha256(duckdb.__version__.encode())
    for folder in ("macros", "models", "seeds"):
        for file in sorted(DBT_PROJECT.glob(f"{folder}/**/*.*")):
            found.update(f"\0{file.relative_to(DBT_PROJECT)}\0".encode() + file.read_bytes())
    for table in SETTINGS:
        columns = f"columns(lambda c: not starts_with(c, '_') and c <> '{CLOCK}')"
        rows = db.execute(f"select {columns} from {table} order by all").fetchall()
        found.update(repr(rows).encode())
    return found.hexdigest()
