"""All streams against the simulated company: whole, the same on bad days, nothing personal kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core import landing, loader
from extractors.core.errors import FatalError
from extractors.core.ledger import connect
from extractors.core.types import Account, Scan, Stream, Window, streams_of
from extractors.sources import greenhouse, hubspot, linkedin, zendesk
from sandbox.company import cutoff
from sandbox.serve import Sandbox, running
from sandbox.servers import SECRETS
from sandbox.servers.linkedin_rows import ORGANIZATION
from tests.conftest import SECRET

MODULES = {m.__name__.rpartition(".")[2]: m for m in (linkedin, greenhouse, hubspot, zendesk)}
STREAMS = {s.label: s for module in MODULES.values() for s in streams_of(module).values()}
TOKENS = {"linkedin": "/oauth/v2/accessToken", "greenhouse": "/token", "zendesk": "/oauth/tokens"}
LAST = date(2026, 3, 1)
# The token of HubSpot has no refresh: when it dies, that source waits for a person.
DYING = "linkedin:expired,greenhouse:expired,zendesk:expired"
BAD = (f"*:429_wait,*:cut_body,*:reorder,{DYING}", "*:5xx,*:reset,*:unknown_key")


@dataclass
class Night:
    """What one extraction of everything left: the sandbox, rows by table, the landing folder."""

    sandbox: Sandbox
    rows: dict[str, list[tuple[Any, ...]]]
    drift: set[str]
    root: Path


def extract(sandbox: Sandbox, stream: Stream, root: Path) -> landing.Landed:
    """Land one stream as a night does, without waiting."""
    name, prefix = stream.source, f"BEYOND_LIKES_{stream.source.upper()}_"
    secrets = {k.removeprefix(prefix).lower(): v for k, v in SECRETS.items() if prefix in k}
    url = f"{sandbox.url}/{name}"
    settings = {"organization": str(ORGANIZATION), "token_url": f"{url}{TOKENS.get(name, '')}"}
    client = MODULES[name].SOURCE.connect(Account(name, url, settings, secrets))
    client._sleep = lambda _seconds: None
    if hasattr(client._auth, "_client"):
        client._auth._client._sleep = client._sleep
    window = Window.of(LAST - timedelta(days=200), LAST, "Europe/Berlin")
    pages = stream.extract(client, Scan(window, None, settings))
    return landing.land(stream, window, pages, root=root, key=SECRET)


def night(tmp_path: Path, faults: str) -> Iterator[Night]:
    with running(
        tmp_path / "out", seed=3, days=150, scale=0.4, last_day=LAST, faults=faults
    ) as sandbox:
        root, drift = tmp_path / "landing", set[str]()
        for stream in STREAMS.values():
            drift |= set(extract(sandbox, stream, root).drift)
        with connect(tmp_path / "w.duckdb") as db:
            loader.prepare(db, STREAMS.values())
            for done in loader.load(db, STREAMS, root):
                assert done.errors == ()
            rows = {label: _rows(db, stream) for label, stream in STREAMS.items()}
        yield Night(sandbox, rows, drift, root)


def _rows(db: duckdb.DuckDBPyConnection, stream: Stream) -> list[tuple[Any, ...]]:
    names = ", ".join(stream.columns)
    return db.execute(f"select {names} from raw.{stream.table} order by all").fetchall()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    yield from night(tmp_path_factory.mktemp("quiet"), "")


def test_every_list_is_read_whole_and_nothing_in_it_is_news(quiet: Night) -> None:
    company, end = quiet.sandbox.company, cutoff(quiet.sandbox.day)
    contacts = [c for c in company.sales.contacts if c.counts(end)]
    deals = [d for d in company.sales.deals if d.counts(end)]

    assert quiet.drift == set()
    assert len(quiet.rows["hubspot.contacts"]) == len(contacts) > 200  # more than one page
    assert len(quiet.rows["hubspot.deals"]) == len(deals)
    stages = sum(sum(at < end for _stage, at in c.lifecycle) for c in contacts)
    assert len(quiet.rows["hubspot.contact_stage_changes"]) == stages > len(contacts)
    merged = [c for c in company.sales.contacts if c.merged_at and c.merged_at < end]
    assert len(quiet.rows["hubspot.contact_merges"]) == len(merged) > 0
    applied = [a for a in company.recruiting.applications if a.counts(end)]
    assert len(quiet.rows["greenhouse.applications"]) == len(applied)
    assert len(quiet.rows["greenhouse.application_ids"]) == len(applied)
    opened = [t for t in company.support.tickets if t.created_at < end]
    assert len(quiet.rows["zendesk.tickets"]) == len(opened)
    requesters = {t.person.id for t in opened}
    addressed = [person for _user, person in quiet.rows["zendesk.users"] if person]
    assert len(quiet.rows["zendesk.users"]) == len(requesters) > len(addressed) > 0
    posts = [p for p in company.social.posts if p.published_at < end]
    linked = [p for p in posts if p.platform == "linkedin"]
    assert len(quiet.rows["linkedin.posts"]) == len(linked)


@pytest.mark.parametrize("faults", BAD)
def test_a_night_full_of_faults_ends_with_the_same_rows(
    quiet: Night, tmp_path: Path, faults: str
) -> None:
    for bad in night(tmp_path, faults):
        named = {part.split(":")[1] for part in faults.split(",")}
        assert set(bad.sandbox.faults.counts) == named
        assert bad.drift == ({"sandboxNews"} if "unknown_key" in faults else set())
        assert bad.rows == quiet.rows


def test_nothing_personal_and_no_free_text_of_persons_reaches_the_disk(quiet: Night) -> None:
    parts = sorted(quiet.root.glob("**/part-*.ndjson.zst"))
    reader = zstandard.ZstdDecompressor()
    kept = "".join(
        reader.decompressobj().decompress(p.read_bytes()).decode() for p in parts
    ).lower()

    assert len(parts) > 15
    names = {person.name.lower() for person in quiet.sandbox.company.people.all}
    marks = ("@example.", "+49 4000", "social.example.com/people", *names)  # of every person
    assert [mark for mark in marks if mark in kept] == []
    assert "51234" not in kept  # pay
    assert "call me" not in kept


@pytest.mark.parametrize("label", ["greenhouse.applications", "zendesk.tickets", "linkedin.posts"])
def test_a_key_of_another_type_is_an_error_and_never_one_row(tmp_path: Path, label: str) -> None:
    with (
        running(tmp_path / "o", days=60, scale=0.2, last_day=LAST, faults="*:type") as sandbox,
        pytest.raises(FatalError, match=f"{label}: field 'id' holds an object"),
    ):
        extract(sandbox, STREAMS[label], tmp_path / "landing")
