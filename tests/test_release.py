"""Publishing: what readers find afterwards, whatever the order of the business days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from extractors import release
from extractors.core.errors import FatalError


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


def built(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("create schema ops")
    db.execute("create schema marts")
    db.execute(
        "create table ops.build as select date '2026-11-22' as business_date, true as finished"
    )
    db.execute("create table marts.kpi as select 1 as value")


def test_the_page_is_in_the_release_before_readers_see_it(tmp_path: Path) -> None:
    """It is made from the copied marts, and no reader opens a release without it."""
    seen = []

    def page(marts: Path, day: date) -> str:
        with duckdb.connect(str(marts), read_only=True) as copy:
            seen.append((day, copy.execute("select value from kpi").fetchall()))
        assert not (tmp_path / "published").exists()
        return "<p>Größe</p>"

    with duckdb.connect() as db:
        built(db)
        release.publish(db, tmp_path, tmp_path / "no_manifest.json", page=page)
    assert seen == [(date(2026, 11, 22), [(1,)])]
    made = tmp_path / "published" / "kpi_review.html"
    assert made.read_text(encoding="utf-8") == "<p>Größe</p>"


def test_a_page_that_cannot_be_made_leaves_readers_the_last_release(tmp_path: Path) -> None:
    def page(_marts: Path, _day: date) -> str:
        raise ValueError("a template is wrong")

    with duckdb.connect() as db:
        built(db)
        first = release.publish(db, tmp_path, tmp_path / "none.json", page=lambda *_: "one")
        with pytest.raises(ValueError, match="template"):
            release.publish(db, tmp_path, tmp_path / "none.json", page=page)
        assert (tmp_path / "published").resolve() == first
        release.publish(db, tmp_path, tmp_path / "none.json", page=lambda *_: "two")
    assert (tmp_path / "published" / "kpi_review.html").read_text() == "two"
    assert not list((tmp_path / "releases").glob(".*"))


def test_a_release_made_after_the_clock_went_back_is_what_readers_open(tmp_path: Path) -> None:
    """Its name comes after all others, or the tidying up would take it for the oldest."""
    for night in (1, 2, 3):
        (tmp_path / "releases" / f"2026-11-0{night}_2099010{night}T000000000000Z").mkdir(
            parents=True
        )
    with duckdb.connect() as db:
        built(db)
        made = release.publish(db, tmp_path, tmp_path / "no_manifest.json")
    assert made.name == "2026-11-22_20990103T000000000001Z"
    assert (tmp_path / "published").resolve() == made
    assert (made / "marts.duckdb").exists()


def test_a_folder_in_the_place_of_the_link_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "note.txt").write_text("mine")
    with duckdb.connect() as db:
        built(db)
        with pytest.raises(FatalError, match=r"published: it is a folder, .* Move it away or free"):
            release.publish(db, tmp_path, tmp_path / "no_manifest.json")
    assert (tmp_path / "published" / "note.txt").read_text() == "mine"
