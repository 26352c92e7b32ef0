"""Publishing: what readers find afterwards, whatever the order of the business days."""

from __future__ import annotations

from pathlib import Path

import duckdb

from extractors import release


def test_an_older_day_published_last_is_what_readers_open(tmp_path: Path) -> None:
    """The newest releases are kept by when they were made, not by the day they are about."""
    with duckdb.connect() as db:
        db.execute("create schema ops")
        db.execute("create schema marts")
        db.execute("create table ops.build (business_date date, finished boolean)")
        db.execute("create table marts.kpi as select 1 as value")
        for day in ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-01"):
            db.execute("delete from ops.build")
            db.execute("insert into ops.build values (?, true)", [day])
            release.publish(db, tmp_path, tmp_path / "no_manifest.json")
    assert (tmp_path / "published").resolve().name.startswith("2026-11-01_")
    with duckdb.connect(str(tmp_path / "published" / "marts.duckdb"), read_only=True) as db:
        assert db.execute("select value from kpi").fetchall() == [(1,)]
    days = {path.name[:10] for path in (tmp_path / "releases").iterdir()}
    assert days == {"2026-11-21", "2026-11-22", "2026-11-01"}
