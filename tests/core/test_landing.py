from __future__ import annotations

import json
import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from extractors.core import landing
from extractors.core.errors import FatalError, RetriableError
from extractors.core.landing import FileInfo, attempts, land, new_attempt
from extractors.core.types import Column, Page, Window
from tests.conftest import SECRET
from tests.core.streams import COLUMNS, LATER, NOON, made, row

FOLDER = Path("social/posts/window=2026-03-01_2026-03-01/attempt=A1")
EXPORT = FileInfo("exports/posts.csv", datetime(2026, 2, 1, tzinfo=UTC), "f1", 0.05)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def manifest(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / FOLDER / "manifest.json").read_text())
    return found


def lines(root: Path) -> list[dict[str, Any]]:
    """Return all landed lines in order."""
    found = []
    for part in manifest(root)["parts"]:
        packed = (root / FOLDER / part["file"]).read_bytes()
        text = zstandard.ZstdDecompressor().decompressobj().decompress(packed).decode()
        found += [json.loads(line) for line in text.splitlines()]
    return found


def test_parts_then_manifest(tmp_path: Path, day: Window) -> None:
    pages = [
        Page([row("p1", 1), row("p2", 2)], NOON, cursor="c1"),
        Page([], NOON),
        Page([row("p3", 3)], LATER, cursor="c3"),
    ]
    landed = land(made(), day, pages, root=tmp_path, key=SECRET, attempt="A1", extra={"note": "x"})

    assert (landed.folder, landed.rows, landed.cursor) == (tmp_path / FOLDER, 3, "c3")
    assert names(tmp_path / FOLDER) == ["manifest.json", "part-00000.ndjson.zst"]
    head = manifest(tmp_path)
    assert [part["rows"] for part in head.pop("parts")] == [3]
    assert len(head.pop("key_id")) == 8
    assert len(head.pop("sha256")) == 64
    assert head == {
        "source": "social",
        "stream": "posts",
        "mode": "window",
        "window": {"first": "2026-03-01", "last": "2026-03-01"},
        "attempt": "A1",
        "rows": 3,
        "cursor": "c3",
        "drift": [],
        "fetched_at": "2026-03-02T13:00:00+00:00",
        "file": None,
        "note": "x",
    }
    assert lines(tmp_path)[2] == {
        **row("p3", 3),
        "_line": 3,
        "_fetched_at": "2026-03-02T13:00:00+00:00",
    }


def test_parts_are_bounded_and_pages_streamed(
    tmp_path: Path, day: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "PART_BYTES", 200)
    on_disk = []

    def pages() -> Iterator[Page]:
        for number in range(4):
            yield Page([row(f"p{number}")], NOON)  # about 150 bytes a line
            on_disk.append(len(names(tmp_path / FOLDER)))

    land(made(), day, pages(), root=tmp_path, key=SECRET, attempt="A1")
    assert on_disk == [1, 1, 2, 2]
    assert [part["rows"] for part in manifest(tmp_path)["parts"]] == [2, 2]
    assert [line["_line"] for line in lines(tmp_path)] == [1, 2, 3, 4]


def test_an_empty_answer_is_an_attempt_without_parts(tmp_path: Path, day: Window) -> None:
    land(made(), day, [Page([], NOON)], root=tmp_path, key=SECRET, attempt="A1")
    assert names(tmp_path / FOLDER) == ["manifest.json"]
    assert (manifest(tmp_path)["rows"], manifest(tmp_path)["parts"]) == (0, [])


def test_fields_are_picked_by_their_path(tmp_path: Path, day: Window) -> None:
    columns = {
        "id": Column(path="entity.urn"),
        "likes": Column("BIGINT", "stats.total.likes"),
        "tags": Column(),
    }
    stream = made(key=("id",), required=("id",), columns=columns)
    records: list[dict[str, Any]] = [
        {"entity": {"urn": "u1"}, "stats": {"total": {"likes": 3}}, "tags": [{"_line": 1}, {}]},
        {"entity": {"urn": "u2"}, "stats": {"total": None}},
        {"entity": {"urn": "u3"}, "stats": "gone"},
    ]
    land(stream, day, [Page(records, NOON)], root=tmp_path, key=SECRET, attempt="A1")
    picked = [[line["id"], line.get("likes"), line.get("tags")] for line in lines(tmp_path)]
    assert picked == [["u1", 3, [{"_line": 1}, {}]], ["u2", None, None], ["u3", None, None]]


def test_nested_records_never_break_a_line(tmp_path: Path, day: Window) -> None:
    trap = 'x},{"_line": 7'
    nested = [{"_line": 1}, {"_line": 2}]
    pages = [Page([row(trap, nested), row("p2", trap)], NOON)]
    land(made(), day, pages, root=tmp_path, key=SECRET, attempt="A1")
    first, second = lines(tmp_path)
    assert (first["post_id"], first["likes"]) == (trap, nested)
    assert (second["post_id"], second["likes"]) == ("p2", trap)


def test_unknown_fields_are_dropped_and_their_names_kept(tmp_path: Path, day: Window) -> None:
    stream = made(ignored=frozenset({"etag"}))
    pages = [Page([{**row("p1"), "city": "Ulm", "etag": 1}, {**row("p2"), "age": 44}], NOON)]
    landed = land(stream, day, pages, root=tmp_path, key=SECRET, attempt="A1")
    assert landed.drift == ("age", "city")
    assert manifest(tmp_path)["drift"] == ["age", "city"]
    assert set(lines(tmp_path)[0]) == {*COLUMNS, "_line", "_fetched_at"}


def test_a_field_that_is_absent_is_null_unless_it_is_the_key(tmp_path: Path, day: Window) -> None:
    pages = [Page([{"post_id": "p1", "day": "2026-03-01"}], NOON)]
    land(made(), day, pages, root=tmp_path, key=SECRET, attempt="A1")
    assert lines(tmp_path)[0].get("likes") is None

    broken = Page([{"post": "p1", "day": "2026-03-01"}], NOON)
    with pytest.raises(FatalError) as caught:
        land(made(), day, [broken], root=tmp_path, key=SECRET, attempt="A2")
    assert str(caught.value) == (
        "social.posts: a record has no field 'post_id', it has ['day', 'post']."
        " Compare with the platform's change log, then mend the stream's columns."
    )


def test_rows_of_a_file_keep_their_line_and_may_lack_a_key(tmp_path: Path, day: Window) -> None:
    records = [{"post_id": "p1", "_line": 2}, {"day": "2026-03-01", "_line": 5}]
    pages = [Page(records, EXPORT.modified_at)]
    land(made("file"), day, pages, root=tmp_path, key=SECRET, attempt="A1", file=EXPORT)
    found = [(line["_line"], line.get("post_id"), line.get("day")) for line in lines(tmp_path)]
    assert found == [(2, "p1", None), (5, None, "2026-03-01")]
    assert "_fetched_at" not in lines(tmp_path)[0]
    assert manifest(tmp_path)["file"] == {
        "name": "exports/posts.csv",
        "modified_at": "2026-02-01T00:00:00+00:00",
        "fingerprint": "f1",
        "reject_limit": 0.05,
    }


def test_personal_values_never_reach_the_disk(tmp_path: Path, day: Window) -> None:
    people = [row(f"p{n}", author=name) for n, name in enumerate(("Ada", " ada ", None, ""))]
    surprise = {**row("p9"), "email": "ada@example.org"}
    land(made(), day, [Page([*people, surprise], NOON)], root=tmp_path, key=SECRET, attempt="A1")

    first, second, third, fourth, _ = (line["author"] for line in lines(tmp_path))
    assert (len(first), first == second, third, fourth) == (32, True, None, None)
    everything = b"".join(
        zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())
        if path.suffix == ".zst"
        else path.read_bytes()
        for path in (tmp_path / FOLDER).iterdir()
    )
    assert b"ada" not in everything.lower()


def test_an_error_leaves_a_note_and_no_parts(tmp_path: Path, day: Window) -> None:
    def pages() -> Iterator[Page]:
        yield Page([row("p1")], NOON)
        raise RetriableError("social.posts", "answered 503", "Run again")

    with pytest.raises(RetriableError):
        land(made(), day, pages(), root=tmp_path, key=SECRET, attempt="A1")
    assert names(tmp_path / FOLDER) == ["failure.json"]
    (attempt,) = attempts(tmp_path)
    assert attempt.read()[0] == {
        "where": "social.posts",
        "what": "answered 503",
        "do": "Run again",
        "retriable": True,
    }
    assert (attempt.attempt, attempt.failed) == ("A1", True)


@pytest.mark.parametrize(
    ("of_a_source", "words"),
    [
        (True, "a reply has a form that is not known (ValueError at posts.py:1)"),
        (False, "unexpected ValueError at posts.py:1"),
    ],
)
def test_what_nobody_thought_of_is_one_sentence_that_shows_no_record(
    tmp_path: Path, day: Window, of_a_source: bool, words: str
) -> None:
    """The text of a foreign error may hold a record; a traceback of it would show it as well."""
    file = landing.OURS / ("sources" if of_a_source else "core") / "posts.py"
    scope: dict[str, Any] = {}
    code = "def pages(): raise ValueError('ada@example.org'); yield"
    exec(compile(code, str(file), "exec"), scope)

    with pytest.raises(FatalError) as caught:
        land(made(), day, scope["pages"](), root=tmp_path, key=SECRET, attempt="A1")

    assert str(caught.value).startswith(f"social.posts: {words}. ")
    shown = "".join(traceback.format_exception(caught.value))
    assert "ada@" not in shown
    assert names(tmp_path / FOLDER) == ["failure.json"]
    assert json.loads((tmp_path / FOLDER / "failure.json").read_text())["what"] == words


def test_a_killed_landing_is_no_attempt(tmp_path: Path) -> None:
    child = f"""
import datetime, os, signal
from pathlib import Path
from extractors.core.landing import land
from extractors.core.types import Page, Window
from tests.core.streams import NOON, made, row
def pages():
    yield Page([row("p1")], NOON)
    os.kill(os.getpid(), signal.SIGKILL)
day = datetime.date(2026, 3, 1)
land(made(), Window.of(day, day, "UTC"), pages(), root=Path({str(tmp_path)!r}), key=b"k" * 32,
     attempt="A1")
"""
    done = subprocess.run([sys.executable, "-c", child], check=False)
    assert done.returncode == -9
    assert names(tmp_path / FOLDER) == ["part-00000.ndjson.zst"]
    assert attempts(tmp_path) == []


def test_a_full_disk_is_one_clear_error_and_leaves_no_parts(tmp_path: Path) -> None:
    child = f"""
import datetime, os, resource
from pathlib import Path
from extractors.core.landing import land
from extractors.core.types import Page, Window
from tests.core.streams import NOON, made, row
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # as full as a disk can be
pages = (Page([row(os.urandom(500).hex()) for _ in range(100)], NOON) for _ in range(100))
day = datetime.date(2026, 3, 1)
try:
    land(made(), Window.of(day, day, "UTC"), pages, root=Path({str(tmp_path)!r}), key=b"k" * 32,
         attempt="A1")
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", child], check=True, capture_output=True, text=True)
    assert done.stdout == (
        f"FatalError {tmp_path / FOLDER}: the disk is full; nothing was half written."
        " Free some space, then run again.\n"
    )
    assert names(tmp_path / FOLDER) == ["failure.json"]


def test_an_attempt_is_never_written_twice(tmp_path: Path, day: Window) -> None:
    land(made(), day, [], root=tmp_path, key=SECRET, attempt="A1")
    before = (tmp_path / FOLDER / "manifest.json").read_bytes()
    with pytest.raises(FatalError, match=r"attempt=A1 exists already\. Start a new attempt\."):
        land(made(), day, [Page([row("p1")], NOON)], root=tmp_path, key=SECRET, attempt="A1")
    assert (tmp_path / FOLDER / "manifest.json").read_bytes() == before


def test_a_value_that_json_cannot_hold_is_named_without_being_shown(
    tmp_path: Path, day: Window
) -> None:
    pages = [Page([row("p1", 2**70)], NOON)]
    with pytest.raises(FatalError, match=r"social\.posts: a value cannot be written as JSON"):
        land(made(), day, pages, root=tmp_path, key=SECRET, attempt="A1")


def test_a_short_key_does_not_start(tmp_path: Path, day: Window) -> None:
    with pytest.raises(FatalError, match="the pseudonym key has 5 bytes"):
        land(made(), day, [], root=tmp_path, key=b"short")
    assert list(tmp_path.iterdir()) == []


def test_attempt_names_sort_by_time() -> None:
    first, second = new_attempt(), new_attempt()
    assert first < second


def test_an_attempt_is_named_after_the_last_one_even_where_the_clock_went_back(
    tmp_path: Path, day: Window
) -> None:
    last = "20991231T235959999999Z"
    land(made(), day, [], root=tmp_path, key=SECRET, attempt=last)
    land(made(name="other"), day, [], root=tmp_path, key=SECRET, attempt="foreign")
    names = [land(made(), day, [], root=tmp_path, key=SECRET).attempt for _ in range(2)]
    assert names == ["21000101T000000000000Z", "21000101T000000000001Z"]
    assert land(made(name="other"), day, [], root=tmp_path, key=SECRET).attempt < last


def test_no_flipped_bit_of_a_manifest_is_read_as_something_else(
    tmp_path: Path, day: Window
) -> None:
    pages = [Page([row("p1", 1)], NOON, cursor="c1")]
    landed = land(made(), day, pages, root=tmp_path, key=SECRET, attempt="A1")
    (attempt,) = attempts(tmp_path)
    file = landed.folder / "manifest.json"
    body, head = file.read_bytes(), attempt.read()[0]
    for place, byte in enumerate(body):
        flipped = byte ^ 1 << place % 8
        file.write_bytes(body[:place] + bytes([flipped]) + body[place + 1 :])
        try:
            found = attempt.read()[0]
        except FatalError:
            continue
        # White space may differ, and the name of the sum: then it is a manifest without one.
        assert {key: found[key] for key in head} == head


def test_a_manifest_of_an_earlier_version_has_no_sum(tmp_path: Path, day: Window) -> None:
    land(made(), day, [], root=tmp_path, key=SECRET, attempt="A1")
    head = manifest(tmp_path)
    head.pop("sha256")
    (tmp_path / FOLDER / "manifest.json").write_text(json.dumps(head))
    assert attempts(tmp_path)[0].read()[0] == head
