"""What a run hands on to dbt: its clock, its settings and its sources, as tables of schema ops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from extractors import foreign, news
from extractors.project import FILE_SOURCES, Project, modules, streams

BY_NAME = ("ecb", "ga4")  # int_money__rates and utm_audit read these by name, not through a union
TABLES = """
create or replace table ops.run (business_date date, timezone varchar, currency varchar);
create or replace table ops.sources (source varchar, stream varchar, area varchar,
    configured boolean, lookback_days integer, basis varchar);
create or replace table ops.systems_read (system varchar);
"""


def note(
    db: duckdb.DuckDBPyConnection, own: Project, last: date, *, whole: bool = True
) -> list[str]:
    """Write the tables for a build as of `last` (`whole`: of all models); the SQL depends on data
    alone.

    Return the sources that dbt need not look at: switched off, and nothing of them ever loaded.
    """
    others = foreign.settings(own.config)
    known = [  # how far another tool looks back is not known
        [s.source, s.name, None if s.source in FILE_SOURCES else modules()[s.source].SOURCE.area,
         s.source in own.config.sources or s.source in FILE_SOURCES,
         None if s.source in others else s.lookback_days, s.basis]
        for s in streams().values()
    ]  # fmt: skip
    loaded = db.execute("select distinct source from ops.load_ledger where status = 'loaded'")
    on = {*own.config.sources, *FILE_SOURCES, *(name for (name,) in loaded.fetchall())}
    unread = [name for name in modules() if name not in on]
    day = [last, own.config.timezone, own.config.currency]
    db.begin()
    db.execute(TABLES)
    db.execute("insert into ops.run values (?, ?, ?)", day)
    db.executemany("insert into ops.sources values (?, ?, ?, ?, ?, ?)", known)
    db.executemany("insert into ops.systems_read values (?)", [[name] for name in sorted(on)])
    foreign.note(db, own.config)
    news.note(db, last, whole=whole)
    db.commit()
    return unread


def night(unread: Sequence[str], *, keeps: bool = False) -> Sequence[str]:
    """Return what a night leaves out of dbt's build: what no row can change.

    Unit tests prove the SQL, not the data: `make test` runs them. The models of a source that is
    not read are in no union then (macros/entities.sql), so that nobody asks for them. A night that
    `keeps` rows has the seeds of the last one.
    """
    seeds = ("seed",) if keeps else ()
    return ("--exclude-resource-type", "unit_test", *seeds, *empty_models(unread))


def empty_models(unread: Sequence[str]) -> Sequence[str]:
    """Return dbt's arguments that leave out the models of the sources that are not read."""
    empty = [f"staging.{name}" for name in unread if name not in BY_NAME]
    return ("--exclude", *empty) if empty else ()
