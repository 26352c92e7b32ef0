from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core import ledger, merging
from extractors.core.errors import FatalError, RetriableError
from extractors.core.landing import FileInfo, Landed, land
from extractors.core.ledger import connect, fingerprints, watermark
from extractors.core.loader import Loaded, load, prepare, replay
from extractors.core.types import Column, Page, Stream, Window
from tests.conftest import SECRET
from tests.core.streams import COLUMNS, LATER, NOON, made, row

Db = duckdb.DuckDBPyConnection
STREAM = made()
PASSED = datetime(2026, 4, 1, tzinfo=UTC)  # when the days of the windows were over
ROWS = "select post_id, likes from raw.social__posts order by post_id"
LEDGER = "select attempt, status, rows_landed, rows_written, error from ops.load_ledger order by 1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def put(
    root: Path,
    attempt: str,
    *pages: Page,
    stream: Stream = STREAM,
    first: date = date(2026, 3, 1),
    last: date | None = None,
) -> Landed:
    window = Window.of(first, last or first, "UTC")
    return land(stream, window, pages, root=root, key=SECRET, attempt=attempt)


def bring(db: Db, root: Path, *streams: Stream) -> list[Loaded]:
    known = {stream.label: stream for stream in streams or (STREAM,)}
    prepare(db, known.values())
    return load(db, known, root)


def rows(db: Db, sql: str = ROWS) -> list[Any]:
    return db.execute(sql).fetchall()


def test_new_rows_are_typed(root: Path, db: Db) -> None:
    full = row("p1", 10, spend="1.5", posted_at="2026-03-01T10:00:00+02:00", author="Ada")
    put(root, "A1", Page([full], NOON), Page([row("p2", "20")], NOON), Page([], NOON))
    assert bring(db, root) == [Loaded("social.posts", 1, 2, 0, 0, ())]
    (first, second) = rows(
        db,
        "select post_id, cast(day as varchar), likes, cast(spend as varchar),"
        " cast(posted_at as varchar), length(author), cast(_fetched_at as varchar), _batch,"
        " _line, _attempt from raw.social__posts order by 1",
    )
    noon = "2026-03-02 12:00:00+00"
    assert first == (
        "p1", "2026-03-01", 10, "1.5000", "2026-03-01 08:00:00+00", 32, noon, "A1", 1, "A1"
    )  # fmt: skip
    assert second == ("p2", "2026-03-01", 20, None, None, None, noon, "A1", 2, "A1")


def test_every_known_stream_has_its_table(db: Db) -> None:
    prepare(db, [made(), made(name="ads", mode="replace")])
    prepare(db, [made(), made(name="ads", mode="replace")])
    found = rows(
        db, "select table_schema || '.' || table_name from information_schema.tables order by 1"
    )
    assert [name for (name,) in found] == [
        "ops.load_ledger",
        "ops.run",
        "ops.sources",
        "raw.rejected_rows",
        "raw.social__ads",
        "raw.social__posts",
    ]
    kinds = rows(db, "select column_name, data_type from duckdb_columns()"
                     " where table_name = 'social__ads' order by column_index")  # fmt: skip
    assert kinds == [
        ("post_id", "VARCHAR"),
        ("day", "DATE"),
        ("likes", "BIGINT"),
        ("spend", "DECIMAL(18,4)"),
        ("posted_at", "TIMESTAMP WITH TIME ZONE"),
        ("author", "VARCHAR"),
        ("_fetched_at", "TIMESTAMP WITH TIME ZONE"),
        ("_batch", "VARCHAR"),
        ("_line", "BIGINT"),
        ("_attempt", "VARCHAR"),
    ]


def test_same_manifest_twice_changes_nothing(root: Path, db: Db) -> None:
    put(root, "A1", Page([row("p1", 10)], NOON))
    bring(db, root)
    before = rows(db, "from ops.load_ledger")
    assert bring(db, root) == []
    assert rows(db) == [("p1", 10)]
    assert rows(db, "from ops.load_ledger") == before


def test_an_older_attempt_after_a_newer_one_changes_only_what_is_new(root: Path, db: Db) -> None:
    put(root, "A2", Page([row("p1", 11)], LATER))
    bring(db, root)
    put(root, "A1", Page([row("p1", 10), row("p2", 5)], NOON))
    assert bring(db, root)[0].rows == 1
    assert rows(db) == [("p1", 11), ("p2", 5)]


def test_of_two_attempts_of_one_second_the_later_wins(root: Path, db: Db) -> None:
    put(root, "A2", Page([row("p1", 2)], NOON))
    bring(db, root)
    put(root, "A1", Page([row("p1", 1)], NOON))
    put(root, "A3", Page([row("p1", 3)], NOON))
    bring(db, root)
    assert rows(db) == [("p1", 3)]


def test_the_last_record_of_a_key_wins_inside_an_attempt(root: Path, db: Db) -> None:
    pages = Page([row("p1", 1), row("p2", 8)], NOON), Page([row("p1", 2)], NOON)
    put(root, "A1", *pages)
    assert bring(db, root)[0].rows == 2
    assert rows(db) == [("p1", 2), ("p2", 8)]


def test_many_attempts_are_one_transaction_and_one_row_each_in_the_ledger(
    root: Path, db: Db
) -> None:
    for night in range(1, 6):
        put(root, f"A{night}", Page([row("p1", night), row(f"n{night}", night)],
                                    NOON + timedelta(days=night)))  # fmt: skip
    put(root, "A9")
    assert bring(db, root) == [Loaded("social.posts", 6, 6, 0, 0, ())]
    assert rows(db) == [("n1", 1), ("n2", 2), ("n3", 3), ("n4", 4), ("n5", 5), ("p1", 5)]
    assert [(r[0], r[3]) for r in rows(db, LEDGER)] == [
        ("A1", 1), ("A2", 1), ("A3", 1), ("A4", 1), ("A5", 2), ("A9", 0)
    ]  # fmt: skip
    assert len(rows(db, "select distinct loaded_at from ops.load_ledger")) == 1


def test_the_ledger_tells_what_became_of_each_landed_row(root: Path, db: Db) -> None:
    """A2 gives p1 twice and replaces A1's; A3 comes late, outdated but for one row."""
    put(root, "A1", Page([row("p1", 1), row("p2", 1)], NOON))
    bring(db, root)
    put(root, "A2", Page([row("p1", 2), row("p1", 3)], LATER))
    bring(db, root)
    put(root, "A3", Page([row("p1", 0), row("p2", 0), row("p3", 0)], NOON - timedelta(days=1)))
    bring(db, root)
    found = rows(db, "select attempt, rows_landed, rows_rejected, rows_replaced, (select count(*)"
                     " from raw.social__posts where _attempt = attempt) from ops.load_ledger"
                     " order by 1")  # fmt: skip
    assert found == [("A1", 2, 0, 1, 1), ("A2", 2, 0, 1, 1), ("A3", 3, 0, 2, 1)]


def test_a_replaced_table_is_replaced_in_the_ledger(root: Path, db: Db) -> None:
    table = made("replace", "table")
    for night in (1, 2):
        page = Page([row("p1", night), row("p2", night)], NOON + timedelta(days=night))
        put(root, f"A{night}", page, stream=table)
        bring(db, root, table)
    found = rows(db, "select attempt, rows_written, rows_replaced from ops.load_ledger order by 1")
    assert found == [("A1", 2, 2), ("A2", 2, 0)]


def test_a_ledger_of_an_earlier_version_gets_its_column(root: Path, db: Db) -> None:
    put(root, "A1", Page([row("p1", 1)], NOON))
    bring(db, root)
    db.execute("alter table ops.load_ledger drop column rows_replaced")
    put(root, "A2", Page([row("p1", 2)], LATER))
    bring(db, root)
    found = rows(db, "select attempt, rows_replaced from ops.load_ledger order by 1")
    assert found == [("A1", None), ("A2", 0)]


def test_more_rows_than_one_pass_takes(root: Path, db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "PASS_ROWS", 3)
    put(root, "A1", Page([row(f"p{n}", 1) for n in range(10)], NOON))
    put(root, "A2", Page([row(f"p{n}", 2) for n in range(5)] * 2, LATER))
    assert bring(db, root)[0].rows == 10
    put(root, "A3", Page([row(f"p{n}", 3) for n in range(3, 12)], NOON + timedelta(days=1)))
    assert bring(db, root)[0].rows == 9
    older = [post for post, likes in rows(db) if likes == 2]
    newer = [post for post, likes in rows(db) if likes == 3]
    assert older == ["p0", "p1", "p2"]
    assert newer == ["p10", "p11", "p3", "p4", "p5", "p6", "p7", "p8", "p9"]


@pytest.mark.parametrize(
    "pages",
    [
        [[1, 2], [1, 2], [3]],  # a page repeated
        [[3], [1, 2]],  # reordered
        [[2, 1, 1], [3, 2]],  # records duplicated
        [[1, 2, 3], []],
    ],
)
def test_repeated_reordered_or_duplicated_pages_change_nothing(
    root: Path, db: Db, pages: list[list[int]]
) -> None:
    put(root, "A1", *(Page([row(f"p{n}", n) for n in page], NOON) for page in pages))
    bring(db, root)
    assert rows(db) == [("p1", 1), ("p2", 2), ("p3", 3)]


def test_a_field_that_changed_its_type_becomes_null_and_is_counted(root: Path, db: Db) -> None:
    odd = [row("p1", "n/a", spend={"amount": 3}), row("p2", "7"), row("p3", None, posted_at="now?")]
    put(root, "A1", Page(odd, NOON))
    assert bring(db, root)[0].cells_rejected == 3
    assert rows(db) == [("p1", None), ("p2", 7), ("p3", None)]
    assert rows(db, "select cells_rejected from ops.load_ledger") == [(3,)]


def test_drift_cursor_and_key_id_are_on_the_ledger(root: Path, db: Db) -> None:
    put(root, "A1", Page([{**row("p1"), "zip": 1, "age": 2}], NOON, cursor="c7"))
    bring(db, root)
    found = rows(db, "select drift, cursor, length(key_id), cast(fetched_at as varchar),"
                     " length(manifest_sha256) from ops.load_ledger")  # fmt: skip
    assert found == [("age, zip", "c7", 8, "2026-03-02 12:00:00+00", 64)]


def test_the_watermark_is_the_ledgers(root: Path, db: Db) -> None:
    start = date(2026, 3, 1)
    prepare(db, [STREAM])
    assert watermark(db, STREAM, start) == (None, None)
    put(root, "A1", Page([row("p1")], PASSED, cursor="c1"), last=date(2026, 3, 9))
    put(root, "A2", Page([row("p1")], PASSED, cursor="c2"), last=date(2026, 3, 5))
    put(root, "A3", last=date(2026, 3, 4))
    put(root, "A4", Page([row(None)], PASSED, cursor="c4"), last=date(2026, 3, 30))
    bring(db, root)
    assert watermark(db, STREAM, start) == (date(2026, 3, 9), "c2")
    assert watermark(db, made(name="ads"), start) == (None, None)


def test_days_ahead_of_a_gap_do_not_move_the_watermark(root: Path, db: Db) -> None:
    start, fifth, sixth = date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 6)
    put(root, "A1", Page([], PASSED, cursor="c1"), last=fifth)
    put(root, "A2", Page([], PASSED, cursor="c2"), first=date(2026, 3, 9), last=date(2026, 3, 12))
    bring(db, root)
    assert watermark(db, STREAM, start) == (fifth, "c1")

    put(root, "A3", Page([], PASSED, cursor="c3"), first=sixth, last=date(2026, 3, 8))
    bring(db, root)
    assert watermark(db, STREAM, start) == (date(2026, 3, 12), "c3")


def test_days_ahead_of_the_whole_history_leave_it_to_be_read(root: Path, db: Db) -> None:
    put(root, "A1", Page([], PASSED, cursor="c1"), first=date(2026, 3, 9), last=date(2026, 3, 12))
    bring(db, root)
    assert watermark(db, STREAM, date(2026, 3, 8)) == (None, None)
    assert watermark(db, STREAM, date(2026, 3, 9)) == (date(2026, 3, 12), "c1")


def test_days_that_had_not_come_are_not_loaded(root: Path, db: Db) -> None:
    """A mistyped year must not hide from later nights what they have to read."""
    start, second = date(2026, 3, 1), date(2026, 3, 2)
    put(root, "A1", Page([], NOON, cursor="c1"), last=date(2062, 3, 2))
    bring(db, root)
    assert watermark(db, STREAM, start) == (second, "c1")


def test_the_night_of_an_older_day_asks_for_no_older_history(root: Path, db: Db) -> None:
    short = made(history_days=10)
    put(root, "A1", first=date(2026, 3, 1), last=date(2026, 3, 11), stream=short)
    bring(db, root, short)
    assert watermark(db, short, date(2026, 2, 20)) == (date(2026, 3, 11), None)


def test_a_wrong_attempt_stays_out_and_the_next_clean_one_heals_it(root: Path, db: Db) -> None:
    put(root, "A1", Page([row("p1", 10)], NOON))
    put(root, "A2", Page([row("p1", 99), row(None, 1), row("p3", day="soon")], LATER))
    put(root, "A3", Page([row("p4", 4)], NOON))
    put(root, "B1", Page([row("x", 1)], NOON), stream=made(name="ads"))
    done = bring(db, root, STREAM, made(name="ads"))
    message = (
        "social.posts: 2 of 3 records lack a required value (line 2, post_id: is empty;"
        " line 3, day: is no DATE). Compare the stream's columns with the platform's change log;"
        " nothing of it was loaded."
    )
    assert [one.errors for one in done] == [(message,), ()]
    assert rows(db) == [("p1", 10), ("p4", 4)]
    assert rows(db, "select post_id from raw.social__ads") == [("x",)]
    assert ("A2", "failed", 3, 0, message) in rows(db, LEDGER)
    assert bring(db, root) == []

    put(root, "A5", Page([row("p1", 99)], LATER))
    assert bring(db, root)[0].errors == ()
    assert rows(db) == [("p1", 99), ("p4", 4)]


@pytest.mark.parametrize("how", ["emptied", "gone", "one byte", "manifest", "foreign"])
def test_a_damaged_attempt_stays_out_and_the_next_clean_one_heals_it(
    root: Path, db: Db, how: str
) -> None:
    landed = put(root, "A1", Page([row("p1", 10)], NOON))
    put(root, "A2", Page([row("p2", 20)], NOON))
    part = landed.folder / "part-00000.ndjson.zst"
    if how == "gone":
        part.unlink()
    elif how == "foreign":
        Path(str(landed.folder), "manifest.json").write_text('{"rows": 1}')
    elif how == "manifest":
        Path(str(landed.folder), "manifest.json").write_text('{"rows": ')
    else:
        part.write_bytes(b"" if how == "emptied" else part.read_bytes()[:-1] + b"!")
    ((error,),) = (one.errors for one in bring(db, root))
    assert str(landed.folder) in error
    assert error.endswith("Extract this window again.")
    assert rows(db) == [("p2", 20)]
    assert [(r[0], r[1]) for r in rows(db, LEDGER)] == [("A1", "failed"), ("A2", "loaded")]
    put(root, "A3", Page([row("p1", 10)], NOON))
    bring(db, root)
    assert rows(db) == [("p1", 10), ("p2", 20)]


def test_a_failed_landing_is_on_the_ledger(root: Path, db: Db) -> None:
    def pages() -> Any:
        yield Page([row("p1")], NOON)
        raise RetriableError("social.posts", "GET /v1 answered 503", "Run again later")

    with pytest.raises(RetriableError):
        land(STREAM, Window.of(date(2026, 3, 1), date(2026, 3, 2), "UTC"), pages(),
             root=root, key=SECRET, attempt="A1")  # fmt: skip
    assert bring(db, root) == [Loaded("social.posts", 0, 0, 0, 0, ())]
    error = "social.posts: GET /v1 answered 503. Run again later."
    assert rows(db, LEDGER) == [("A1", "failed", 0, 0, error)]
    assert rows(db, "select window_first, window_last from ops.load_ledger") == [
        (date(2026, 3, 1), date(2026, 3, 2))
    ]
    assert watermark(db, STREAM, date(2026, 3, 1)) == (None, None)


def test_replace_makes_the_newest_attempt_the_whole_table(root: Path, db: Db) -> None:
    stream = made("replace")
    put(root, "A1", Page([row("p1", 1), row("p2", 2)], NOON), stream=stream)
    bring(db, root, stream)
    put(root, "A3", Page([row("p3", 3)], NOON), stream=stream)
    put(root, "A2", Page([row("p1", 9)], LATER), stream=stream)
    put(root, "A4", Page([row(None)], LATER), stream=stream)
    (done,) = bring(db, root, stream)
    assert rows(db) == [("p3", 3)]
    assert (done.rows, len(done.errors)) == (1, 1)
    put(root, "A25", Page([row("late", 9)], LATER), stream=stream)
    bring(db, root, stream)
    assert rows(db) == [("p3", 3)]
    put(root, "A5", stream=stream)
    bring(db, root, stream)
    assert rows(db) == []


FILES = made("file", key=("post_id",))


def export(
    root: Path, attempt: str, name: str, at: datetime, *records: dict[str, Any], limit: float = 0.05
) -> None:
    window = Window.of(date(2026, 3, 1), date(2026, 3, 1), "UTC")
    info = FileInfo(name, at, f"{name}@{at}", limit)
    land(FILES, window, [Page(records, at)], root=root, key=SECRET, attempt=attempt, file=info)


def line(number: int, post: str | None, likes: Any = None, **more: Any) -> dict[str, Any]:
    return {**row(post, likes, **more), "_line": number}


@pytest.mark.parametrize("order", [["A1", "A2", "A3"], ["A3", "A2", "A1"], ["A2", "A3", "A1"]])
@pytest.mark.parametrize("together", [True, False])
def test_the_newest_row_of_files_is_told_by_time_name_and_line(
    tmp_path: Path, root: Path, db: Db, order: list[str], together: bool
) -> None:
    away = tmp_path / "away"
    export(away, "A1", "b.csv", LATER, line(2, "time", 1), line(3, "name", 1), line(9, "line", 1),
           line(4, "line", 2))  # fmt: skip
    export(away, "A2", "z.csv", NOON, line(99, "time", 3), line(99, "name", 3))
    export(away, "A3", "c.csv", LATER, line(2, "name", 4))
    for attempt in order:
        (folder,) = away.glob(f"*/*/*/attempt={attempt}")
        shutil.copytree(folder, root / folder.relative_to(away))
        if not together:
            bring(db, root, FILES)
    bring(db, root, FILES)
    assert rows(db) == [("line", 1), ("name", 4), ("time", 1)]
    kept = "select post_id, _batch, _line from raw.social__posts where post_id = 'line'"
    assert rows(db, kept) == [("line", "b.csv", 9)]


def test_rows_that_cannot_be_read_are_rejected_and_the_rest_loads(root: Path, db: Db) -> None:
    sentence = "'31.02.' does not match '%d.%m.%Y'"
    export(root, "A1", "a.csv", NOON, line(2, "p1", 1), line(3, None, "x"),
           line(4, "p2", "n/a", day=sentence), line(5, "p3", "n/a"), limit=0.5)  # fmt: skip
    (done,) = bring(db, root, FILES)
    assert (done.rows, done.rejected, done.cells_rejected, done.errors) == (2, 2, 1, ())
    assert rows(db) == [("p1", 1), ("p3", None)]
    assert rows(db, "from raw.rejected_rows order by line") == [
        ("social", "posts", "A1", "a.csv", 3, "post_id", "is empty"),
        ("social", "posts", "A1", "a.csv", 4, "day", sentence),
    ]
    assert rows(db, "select rows_landed, rows_written, rows_rejected from ops.load_ledger") == [
        (4, 2, 2)
    ]


def test_a_file_above_its_reject_limit_fails_alone(root: Path, db: Db) -> None:
    export(root, "A1", "a.csv", NOON, line(2, "p1"), line(3, None), limit=0.49)
    export(root, "A2", "b.csv", NOON, line(2, "p2"), line(3, None), limit=0.5)
    (done,) = bring(db, root, FILES)
    assert done.errors == (
        "social.posts a.csv: 1 of 2 rows of posts cannot be read (line 3, post_id: is empty)."
        " Mend the file or its mapping in sources.yml (reject_limit allows 49 %).",
    )
    assert rows(db) == [("p2", None)]
    assert rows(db, "select file, line from raw.rejected_rows order by 1") == [
        ("a.csv", 3), ("b.csv", 3)
    ]  # fmt: skip
    assert fingerprints(db, FILES) == {f"b.csv@{NOON}"}


@pytest.mark.parametrize("order", [["A1", "A2"], ["A2", "A1"]])
def test_a_mended_file_takes_its_rejects_back(
    tmp_path: Path, root: Path, db: Db, order: list[str]
) -> None:
    away = tmp_path / "away"
    export(away, "A1", "a.csv", NOON, line(2, "p1"), line(3, None), limit=0.01)
    export(away, "A2", "a.csv", LATER, line(2, "p1"), line(3, "p2"), limit=0.01)
    for attempt in order:
        (folder,) = away.glob(f"*/*/*/attempt={attempt}")
        shutil.copytree(folder, root / folder.relative_to(away))
        bring(db, root, FILES)
    assert rows(db) == [("p1", None), ("p2", None)]
    assert rows(db, "from raw.rejected_rows") == []


def test_only_chosen_streams_are_loaded(root: Path, db: Db) -> None:
    ads = made(name="ads")
    put(root, "A1", Page([row("p1")], NOON))
    put(root, "B1", Page([row("x")], NOON), stream=ads)
    known = {stream.label: stream for stream in (STREAM, ads)}
    prepare(db, known.values())
    assert [one.label for one in load(db, known, root, only=["social.ads"])] == ["social.ads"]
    assert rows(db) == []


def test_a_new_column_is_added_and_an_old_attempt_lacks_it(root: Path, db: Db) -> None:
    put(root, "A1", Page([row("p1", 1)], NOON))
    bring(db, root)
    wider = made(columns={"reach": Column("BIGINT"), **COLUMNS})
    put(root, "A2", Page([{**row("p2", 2), "reach": 7}], NOON), stream=wider)
    bring(db, root, wider)
    assert rows(db, "select post_id, reach, likes from raw.social__posts order by 1") == [
        ("p1", None, 1), ("p2", 7, 2)
    ]  # fmt: skip


def test_a_changed_type_asks_for_a_replay_which_heals_it(
    root: Path, tmp_path: Path, db: Db
) -> None:
    put(root, "A1", Page([row("p1", "1.5")], NOON))
    bring(db, root)
    assert rows(db) == [("p1", 2)]
    finer = made(columns={**COLUMNS, "likes": Column("DOUBLE")})
    with pytest.raises(FatalError) as caught:
        bring(db, root, finer)
    assert str(caught.value) == (
        "raw.social__posts: column likes is BIGINT here, the stream declares DOUBLE."
        " Run beyond-likes replay social."
    )
    db.close()
    replay(tmp_path / "warehouse.duckdb", {finer.label: finer}, root)
    with connect(tmp_path / "warehouse.duckdb") as again:
        assert rows(again) == [("p1", 1.5)]


def snapshot(db: Db) -> list[list[Any]]:
    tables = ("raw.social__posts", "raw.social__table", "raw.social__files", "raw.rejected_rows")
    columns = "* exclude (loaded_at, rows_written)"  # written: what was new at that load
    return [
        *(rows(db, f"select * from {table} order by all") for table in tables),
        rows(db, f"select {columns} from ops.load_ledger order by all"),
    ]


def test_replay_builds_raw_again_exactly(tmp_path: Path, root: Path, db: Db) -> None:
    table, files = made("replace", "table"), made("file", "files", key=("post_id",))
    own = (STREAM, table, files)
    window = Window.of(date(2026, 3, 1), date(2026, 3, 1), "UTC")
    for night in (2, 1, 3):
        at = NOON + timedelta(days=night)
        put(root, f"A{night}", Page([row("p", night), row(f"n{night}", "odd")], at))
        put(root, f"T{night}", Page([row(f"t{night}")], at), stream=table)
        info = FileInfo("a.csv", at, f"f{night}", 0.5)
        land(files, window, [Page([line(2, "f", night), line(3, None)], at)], root=root,
             key=SECRET, attempt=f"F{night}", file=info)  # fmt: skip
        bring(db, root, *own)
    put(root, "A9", Page([row(None)], LATER))
    bring(db, root, *own)
    db.execute("create schema marts; create table marts.kpi as select 1 as one")
    before = snapshot(db)
    assert [len(found) for found in before] == [4, 1, 1, 1, 10]
    db.close()

    replay(tmp_path / "warehouse.duckdb", {stream.label: stream for stream in own}, root)
    with connect(tmp_path / "warehouse.duckdb") as again:
        assert snapshot(again) == before
        assert rows(again, "from marts.kpi") == [(1,)]
        assert bring(again, root, *own) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["landing", "warehouse.duckdb"]


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_replay_never_loses_what_landing_has_lost(
    tmp_path: Path, root: Path, db: Db, how: str
) -> None:
    landed = put(root, "A1", Page([row("p1", 1)], NOON))
    bring(db, root)
    db.close()
    if how == "gone":
        shutil.rmtree(str(landed.folder))
    else:
        (landed.folder / "part-00000.ndjson.zst").write_bytes(b"")
    with pytest.raises(FatalError, match="landing lacks 1 attempts that raw was made of, first A1"):
        replay(tmp_path / "warehouse.duckdb", {STREAM.label: STREAM}, root)
    with connect(tmp_path / "warehouse.duckdb") as again:
        assert rows(again) == [("p1", 1)]


CHILD = """
import os, resource, signal, sys
from pathlib import Path
from extractors.core import ledger, loader
from tests.core.streams import made
root, warehouse = Path(sys.argv[1]), Path(sys.argv[2])
{first}
with loader.connect(warehouse) as db:
    try:
        loader.load(db, {{"social.posts": made()}}, root)
    except Exception as error:
        print(type(error).__name__, error)
"""


def child(root: Path, warehouse: Path, first: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD.format(first=first), str(root), str(warehouse)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_killed_in_the_middle_of_a_load_leaves_nothing(
    tmp_path: Path, root: Path, db: Db
) -> None:
    put(root, "A1", Page([row("p1", 10)], NOON))
    bring(db, root)
    db.close()
    put(root, "A2", Page([row("p1", 99), row("p2", 20)], LATER))
    kill = "ledger.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    assert child(root, tmp_path / "warehouse.duckdb", kill).returncode == -9
    with connect(tmp_path / "warehouse.duckdb") as again:
        assert rows(again) == [("p1", 10)]
        assert [r[0] for r in rows(again, LEDGER)] == ["A1"]
        bring(again, root)
        assert rows(again) == [("p1", 99), ("p2", 20)]


def test_a_full_disk_is_one_clear_error_and_loads_nothing(
    tmp_path: Path, root: Path, db: Db
) -> None:
    put(root, "A1", Page([row("p1", 10)], NOON))
    bring(db, root)
    db.close()
    warehouse = tmp_path / "warehouse.duckdb"
    put(root, "A2", Page([row(f"p{n}", n, author=str(n)) for n in range(60_000)], LATER))
    limit = warehouse.stat().st_size + 100_000
    full = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    done = child(root, warehouse, full)
    assert done.stdout == (
        f"FatalError {warehouse}: the disk is full; nothing was half written."
        " Free some space, then run again.\n"
    ), done.stderr
    with connect(warehouse) as again:
        assert rows(again) == [("p1", 10)]
        bring(again, root)
        assert len(rows(again)) == 60_000


def test_a_locked_warehouse_says_who_has_it(tmp_path: Path, db: Db) -> None:
    script = "import sys; from pathlib import Path; from extractors.core.loader import connect\n"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{script}connect(Path(sys.argv[1]))",
            tmp_path / "warehouse.duckdb",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "RetriableError" in last
    assert "another program has the warehouse open (process " in last
    assert last.endswith("Wait until it ends or stop it, then run again.")


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(FatalError, match="this file is no DuckDB database"):
        connect(path)


def test_the_warehouse_thinks_in_utc_and_spills_beside_itself(tmp_path: Path, db: Db) -> None:
    settings = rows(db, "select current_setting('TimeZone'), current_setting('temp_directory')")
    assert settings == [("UTC", str(tmp_path / "spill"))]


def test_the_ledger_has_the_columns_of_the_contract(db: Db) -> None:
    prepare(db, [])
    names = [r[0] for r in rows(db, "describe ops.load_ledger")]
    assert tuple(names) == (*ledger.COLUMNS, "loaded_at")
