"""Landing in a bucket is what landing in a folder is; the server is moto's, s3fs the real one."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from extractors import checking, run
from extractors.cli import app
from extractors.core import landing
from extractors.core.errors import FatalError, RetriableError
from extractors.core.landing import attempts, land
from extractors.core.places import Objects, Place
from extractors.core.privacy import key_id, pseudonymiser
from extractors.core.types import Page, Window
from extractors.privacy import commands
from sandbox import serve
from sandbox.servers import SECRETS
from tests import bucket
from tests.bucket import Store, running
from tests.core.streams import NOON, made, row
from tests.systems import ADA, MARCH, OLD, RECORDS, Systems, unpacked

pytestmark = pytest.mark.long  # its environment is set up by `make prove`
KEY = b"only-for-tests-0123456789-abcdefghij"
NEXT = b"the-next-key-0123456789-abcdefghijkl"
SOURCES = ("file_drop", "greenhouse")
SMALL = ("file_drop", "greenhouse.applications")
FEW = ("greenhouse.candidates", "zendesk.users")
OF_THE_RUN = {"_attempt", "_fetched_at", "_batch"}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running() as found:
        yield found


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", KEY.decode())


@pytest.fixture
def root(store: Store, request: pytest.FixtureRequest) -> Objects:
    return Objects(f"{bucket.NAME}/{request.node.name.partition('[')[0]}/{secrets.token_hex(4)}")


@pytest.fixture
def systems(root: Objects, tmp_path: Path) -> Systems:
    return Systems.made(tmp_path / "one", f"landing: {root}\n")


def day() -> Window:
    return Window.of(date(2026, 3, 1), date(2026, 3, 1), "UTC")


def names(place: Place) -> list[str]:
    return [path.name for path in place.iterdir()]


def raw(home: Path, *, whole: bool) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every raw table, without what is of the run unless `whole`."""
    found = {}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        sql = "select table_name from duckdb_tables() where schema_name = 'raw'"
        for (table,) in db.execute(sql).fetchall():
            columns = [name for name, *_ in db.execute(f'describe raw."{table}"').fetchall()]
            chosen = [f'"{name}"' for name in columns if whole or name not in OF_THE_RUN]
            rows = db.execute(f'select {", ".join(chosen)} from raw."{table}" order by all')
            if body := rows.fetchall():
                found[table] = body
    return found


def night(settings: Path, chosen: Collection[str]) -> list[str]:
    """Extract and load; return the errors."""
    items = run.plan(settings, MARCH)
    only = [label for label in items if label in chosen or label.partition(".")[0] in chosen]
    outcomes = [*run.extract_all(settings, items, only=only), *run.load(settings, MARCH)]
    return [error for one in outcomes for error in one["errors"]]


@pytest.mark.parametrize(
    "chosen",
    [SMALL, ("company", *SOURCES)],
    ids=["few", "all"],
)
def test_files_and_an_api_give_the_same_rows_through_a_bucket_as_through_a_folder(
    root: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: Collection[str]
) -> None:
    out = tmp_path / "company"
    with serve.running(out, days=40, scale=0.1, last_day=MARCH, sources=["greenhouse"]):
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value)
        folder, bucket_ = out / "sources.yml", out / "bucket.yml"
        bucket_.write_text(f"{folder.read_text()}\nlanding: {root}\n")
        for settings in (folder, bucket_):
            monkeypatch.setenv("BEYOND_LIKES_HOME", str(tmp_path / settings.stem))
            assert night(settings, chosen) == []
    ours, theirs = raw(tmp_path / "bucket", whole=False), raw(tmp_path / "sources", whole=False)
    assert ours == theirs
    assert "greenhouse__applications" in ours
    assert ("company__kpi_targets" in ours) is ("company" in chosen)
    assert any(name.startswith("file_drop") for name in ours)
    assert not (tmp_path / "bucket" / "landing").exists()
    assert not list((tmp_path / "bucket").glob("fetched-*"))

    before = raw(tmp_path / "bucket", whole=True)
    run.load(bucket_, MARCH, rebuild=True)
    assert raw(tmp_path / "bucket", whole=True) == before


def test_a_killed_extraction_leaves_nothing_that_loads(root: Objects) -> None:
    child = f"""
import os, signal, sys
sys.path[:] = {sys.path!r}
from extractors.core import landing
from extractors.core.types import Page
from tests.core.streams import NOON, made, row
from extractors.core.places import Objects
from extractors.core.types import Window
from datetime import date
landing.PART_BYTES = 1
def pages():
    yield Page([row("p1")], NOON)
    os.kill(os.getpid(), signal.SIGKILL)
day = date(2026, 3, 1)
landing.land(made(), Window.of(day, day, "UTC"), pages(), root=Objects({root.key!r}),
             key=b"k" * 32, attempt="A1")
"""
    assert subprocess.run([sys.executable, "-c", child], check=False).returncode == -9
    (folder,) = root.glob(landing.ATTEMPTS)
    assert names(folder) == ["part-00000.ndjson.zst"]
    assert attempts(root) == []
    landing.clear_interrupted(root)
    assert list(root.glob("*")) == []


def test_of_two_writers_of_an_attempt_one_is_told_and_touches_nothing(root: Objects) -> None:
    begun, told = threading.Event(), threading.Event()

    def pages() -> Iterator[Page]:
        yield Page([row("p1")], NOON)
        begun.set()
        assert told.wait(30)

    def first() -> None:
        land(made(), day(), pages(), root=root, key=KEY, attempt="A1")

    writer = threading.Thread(target=first)
    writer.start()
    assert begun.wait(30)
    with pytest.raises(FatalError, match=r"attempt=A1 exists already\. Start a new attempt"):
        land(made(), day(), [Page([row("p2")], NOON)], root=root, key=KEY, attempt="A1")
    told.set()
    writer.join()
    (one,) = attempts(root)
    assert names(one.folder) == ["manifest.json", "part-00000.ndjson.zst"]
    assert b'"p1"' in unpacked(one.folder / "part-00000.ndjson.zst")


def test_a_repeated_claim_is_ones_own(root: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to a put may be lost and the client ask again: then the object is there."""
    monkeypatch.setattr(secrets, "token_hex", lambda _size: "the same mark")
    root.claim()
    root.claim()
    monkeypatch.undo()
    with pytest.raises(FileExistsError):
        root.claim()


def test_an_error_leaves_a_note_and_no_parts(root: Objects) -> None:
    def pages() -> Iterator[Page]:
        yield Page([row("p1")], NOON)
        raise RetriableError("social.posts", "answered 503", "Run again")

    with pytest.raises(RetriableError):
        land(made(), day(), pages(), root=root, key=KEY, attempt="A1")
    (one,) = attempts(root)
    assert (one.failed, names(one.folder)) == (True, ["failure.json"])


def holds(root: Objects) -> bool:
    """Return whether Ada, by either address, stands anywhere below."""
    codes = [str(pseudonymiser(KEY)(person)).encode() for person in (ADA, OLD)]
    return any(code in unpacked(file) for file in root.iterdir() for code in codes)


def test_an_erased_person_leaves_the_bucket(systems: Systems, root: Objects) -> None:
    for label in ("zendesk.users", "zendesk.tickets"):
        systems.land(label, RECORDS[label])
    run.load(systems.settings)
    assert holds(root)
    commands.erase(systems.settings, ADA, page=_page, say=lambda _: None)
    assert not holds(root)
    assert [len(rows) for rows in systems.landed().values()] == [1, 1]
    assert systems.keys()["zendesk.tickets"] == ["32"]


def test_a_person_leaves_the_bucket_and_old_rows_and_keys_follow(
    systems: Systems, root: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.load(systems.send().settings)
    assert holds(root)
    commands.erase(systems.settings, ADA, page=_page, say=lambda _: None)
    assert not holds(root)
    assert len(systems.landed()) == len(RECORDS)  # and every sum and count is right
    assert systems.keys()["salesforce.leads"] == ["L2"]

    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", f"{KEY.decode()}\n{NEXT.decode()}")
    commands.rotate_key(systems.settings, page=_page, say=lambda _: None)
    chain = key_id(f"{KEY.decode()}\n{NEXT.decode()}".encode())
    assert {name.split()[-1] for name in systems.landed()} == {chain, "None"}

    text = systems.settings.read_text()
    systems.settings.write_text(f"{text}keep: {{zendesk.tickets: 1 month}}\n")
    run.load(systems.settings, date(2026, 5, 31))
    assert systems.raw().keys().isdisjoint({"zendesk__tickets"})
    (tickets,) = [rows for name, rows in systems.landed().items() if "zendesk.tickets" in name]
    assert tickets == []


def _page(*_: object) -> str:
    raise AssertionError("nothing was built, so nothing is published")


def test_a_damaged_part_fails_its_attempt_alone(systems: Systems, root: Objects) -> None:
    for label in FEW:
        systems.land(label, RECORDS[label])
    (part,) = root.glob("greenhouse/candidates/*/*/part-*")
    part.write_bytes(b"no longer what it was")
    errors = [error for one in run.load(systems.settings) for error in one["errors"]]
    assert errors == [f"{part}: the part is damaged, its sum is not the manifest's."
                      " Extract this window again."]  # fmt: skip
    assert set(systems.keys()) == {"zendesk.users"}


def test_who_is_refused_is_told_and_no_attempt_is_blamed(store: Store, systems: Systems) -> None:
    root = run.project(systems.settings).landing
    for label in FEW:
        systems.land(label, RECORDS[label])
    with store.refusing():
        with pytest.raises(RetriableError, match=rf"^landing: {root}: the store refuses \("):
            run.load(systems.settings)
        checked = CliRunner().invoke(app, ["check", "--config", str(systems.settings)])
    assert checked.exit_code == 1
    assert f"landing: {root}: the store refuses (InvalidAccessKeyId). Give a key" in checked.output
    assert "only-for-tests" not in checked.output
    run.load(systems.settings)  # nothing was noted as failed
    assert set(systems.keys()) == {*FEW}
    assert checking.landing_refusal(run.project(systems.settings)) is None


@pytest.mark.parametrize(
    ("landing_", "env", "what"),
    [
        ("s3://nobodys/x", {}, r"no such bucket\. Make it, or mend `landing:`"),
        ("s3://company/x", {"AWS_ACCESS_KEY_ID": None}, r"no credentials\. Set AWS_ACCESS_KEY_ID"),
        (
            "s3://company/x",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
            r"the store does not answer as it should \(EndpointConnectionError\)\. Try again",
        ),
    ],
)
def test_a_store_that_does_not_answer_is_one_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, landing_: str,
    env: dict[str, str | None], what: str,
) -> None:  # fmt: skip
    import fsspec

    for name, value in env.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    found = Systems.made(tmp_path / "one", f"landing: {landing_}\n")
    with pytest.raises(RetriableError, match=f"^landing: s3://.*: {what}"):
        found.send()
    fsspec.get_filesystem_class("s3").clear_instance_cache()
