"""When the rows of the last build may be kept, and what counts as new since (decision 0040)."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from extractors import news
from extractors.core import ledger

DAY = date(2026, 6, 10)
LOADED = """
insert into ops.load_ledger (source, stream, attempt, status, fetched_at, loaded_at)
values ('{0}', '{1}', '{2}', 'loaded', timestamptz '2026-06-{3} 04:00Z', now())
"""
FILES = ("file_drop", "post_metrics")
CHANGED = "models, settings or names of campaigns and sources have changed"
AGAIN = "files of posts or their metrics were loaded again, or after newer ones"
SINCE = "single models were made since the last whole build, or what has left is to go"


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    """A warehouse whose first build ran to its end, with one file and one answer of LinkedIn."""
    made = duckdb.connect()
    made.execute(ledger.TABLES)
    for table in ("ops.systems_read (system varchar)", "ops.foreign (source varchar)",
                  "raw.company__campaigns (campaign varchar, _attempt varchar)",
                  "raw.company__kpi_targets (kpi varchar, _attempt varchar)",
                  "raw.company__source_map (value varchar, _attempt varchar)"):  # fmt: skip
        made.execute(f"create table {table}")
    made.execute("insert into ops.run values ('2026-06-10', 'Europe/Berlin', 'EUR')")
    made.execute(
        LOADED.format(*FILES, "a1", "09") + ";" + LOADED.format("linkedin", "posts", "a1", "09")
    )
    assert noted(made) == "no build before it ran to its end"
    news.finish(made)
    return made


def noted(db: duckdb.DuckDBPyConnection, day: date = DAY, *, whole: bool = True) -> str | None:
    news.note(db, day, whole=whole)
    ((why,),) = db.execute("select anew_because from ops.build").fetchall()
    return why  # type: ignore[no-any-return]


def test_rows_are_kept_and_the_new_attempts_are_news(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(LOADED.format(*FILES, "a2", "10"))
    db.execute("update raw.company__campaigns set _attempt = 'a2'")
    assert noted(db) is None
    assert db.execute("select source, attempt from ops.news").fetchall() == [("file_drop", "a2")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("insert into raw.company__campaigns values ('Spring', 'a2')", CHANGED),
        ("insert into raw.company__source_map values ('Insta', 'a2')", CHANGED),
        ("insert into raw.company__kpi_targets values ('leads', 'a2')", CHANGED),
        ("update ops.run set timezone = 'UTC'", CHANGED),
        ("insert into ops.systems_read values ('x')", CHANGED),
        (LOADED.format(*FILES, "a2", "08"), AGAIN),
        ("update ops.load_ledger set loaded_at = now() + interval 1 hour", AGAIN),
        ("delete from ops.load_ledger where source = 'file_drop'", AGAIN),
        ("update ops.build set finished = false", "no build before it ran to its end"),
        ("update ops.run set business_date = '2026-06-11'", None),
        ("delete from ops.load_ledger where source = 'linkedin'", None),  # compared row by row
    ],
)  # fmt: skip
def test_all_is_made_anew(db: duckdb.DuckDBPyConnection, change: str, why: str | None) -> None:
    db.execute(change)
    assert noted(db) == why


def test_an_earlier_day_and_a_build_of_single_models_keep_nothing(
    db: duckdb.DuckDBPyConnection,
) -> None:
    assert noted(db, date(2026, 6, 9)) == "its day is before that of the last build"
    news.finish(db)
    assert noted(db, whole=False) == "this build is of single models"
    news.finish(db)
    assert noted(db) == SINCE


def test_what_is_gone_of_a_system_is_news(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("delete from ops.load_ledger where source = 'linkedin'")
    noted(db)
    assert db.execute("select source from ops.news").fetchall() == [("linkedin",)]


def test_what_has_left_goes_with_the_next_build(db: duckdb.DuckDBPyConnection) -> None:
    news.forget(db)
    assert noted(db) == SINCE


def test_an_earlier_versions_warehouse_has_nothing_to_forget() -> None:
    db = duckdb.connect()
    db.execute("create schema ops; create table ops.build (business_date date, finished boolean)")
    news.forget(db)
    assert db.execute("select count(*) from ops.build").fetchall() == [(0,)]
