"""Personio against scripted answers: links, stage histories, wall-clock times, pseudonyms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core import landing, loader
from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Account, Scan, Window
from extractors.sources import personio
from sandbox.company import cutoff
from sandbox.serve import running
from sandbox.servers.personio import CREDENTIALS
from tests.conftest import SECRET, Platform
from tests.contract.cases import TOKEN_REPLY, Case, connect, load, pages, scan

LIST = personio.APPLICATIONS
HISTORY = f"{LIST}/495039/stage-transitions"
ACCEPTED = {"id": None, "kind": "SYSTEM", "name": None, "type": "ACCEPTED"}
INTERVIEW = {"id": "912", "kind": "CUSTOM", "name": "Interview", "type": "INTERVIEW"}


def answer(*records: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    links = {"next": {"href": following}} if following else {}
    return {"_data": list(records), "_meta": {"links": links}}


BEFORE = {"/token": TOKEN_REPLY}
CASES = [
    Case(personio, personio.applications, LIST, answer(), BEFORE),
    Case(
        personio,
        personio.stage_transitions,
        HISTORY,
        answer(),
        {**BEFORE, LIST: answer({"id": "495039"})},
    ),
]


@pytest.fixture
def recruiting(platform: Platform) -> Client:
    platform.says("/token", TOKEN_REPLY)
    return connect(personio, platform.url, [])


def wall(text: str) -> dict[str, str]:
    return {"date-time": text, "timezone": "Europe/Berlin"}


def application(number: str = "495039", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "application_date": "2026-02-21",
        "candidate": {
            "id": "88123",
            "email": " Ada@Example.org",
            "first_name": "Ada",
            "last_name": "Sample",
            "gender": "undefined",
        },
        "job": {"id": "1201", "name": "Data Engineer", "department": {"id": "7", "name": "IT"}},
        "current_stage": INTERVIEW,
        "channel": {"id": "55", "name": "LinkedIn"},
        "hiring_team": [{"name": "Bo Recruiter"}],
        "is_anonymized": False,
        "created_at": wall("2026-02-21T00:30:00"),
        "updated_at": wall("2026-02-25T16:30:00"),
        **more,
    }


def test_links_are_followed_as_they_come_and_the_window_has_two_sides(
    platform: Platform, recruiting: Client
) -> None:
    platform.says(LIST, answer(application("2"), following=f"{platform.url}{LIST}?cursor=cur_8=2"))
    platform.says(LIST, answer(application("1")))

    found = pages(personio.applications, recruiting)

    assert [record["id"] for page in found for record in page.records] == ["2", "1"]
    first, second = platform.asked(LIST)
    assert first == {
        "limit": "200",
        "updated_at.gt": "2026-02-19T23:59:59Z",
        "updated_at.lt": "2026-02-28T00:00:00Z",
    }
    assert second == {"cursor": "cur_8=2"}


def test_the_token_is_asked_for_with_the_one_scope_that_is_needed(
    platform: Platform, recruiting: Client
) -> None:
    platform.says(LIST, answer())

    pages(personio.applications, recruiting)

    token, listed = platform.calls
    assert token.body == (
        "grant_type=client_credentials&scope=personio%3Arecruiting%3Aread"
        "&client_id=id&client_secret=client-secret-x"
    )
    assert listed.headers["authorization"].startswith("Bearer ")


def test_an_application_keeps_its_day_its_stage_and_a_pseudonym(
    platform: Platform, recruiting: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    gone = {"id": "5", "email": None, "first_name": None, "last_name": None}
    platform.says(
        LIST,
        answer(
            application("1"),
            application("2", candidate=gone, is_anonymized=True, channel=None, current_stage=None),
        ),
    )

    landed, rows = load(
        personio.applications, pages(personio.applications, recruiting), tmp_path, db
    )

    assert landed.drift == ()
    assert rows[0] == {
        "application_id": "1",
        "person": pseudonymiser(SECRET)("ada@example.org"),
        "job_id": "1201",
        "channel": "LinkedIn",
        "stage_id": "912",
        "stage_kind": "CUSTOM",
        "stage_type": "INTERVIEW",
        "stage_name": "Interview",
        "phase": "process",
        "application_date": date(2026, 2, 21),
        "is_anonymized": False,
        "created_at": datetime(2026, 2, 20, 23, 30, tzinfo=UTC),
        "updated_at": datetime(2026, 2, 25, 15, 30, tzinfo=UTC),
    }
    assert [rows[1][name] for name in ("person", "channel", "phase", "stage_id")] == [None] * 4
    assert _kept(landed) == []


def _kept(landed: landing.Landed) -> list[str]:
    """Return the personal texts of the scripted application that are on the disk."""
    parts = landed.folder.glob("part-*.ndjson.zst")
    reader = zstandard.ZstdDecompressor()
    text = "".join(reader.decompressobj().decompress(part.read_bytes()).decode() for part in parts)
    marks = ("ada@", "Ada", "Sample", "Bo Recruiter", "undefined")
    return [mark for mark in marks if mark.lower() in text.lower()]


def test_the_history_of_each_application_is_read_to_its_end(
    platform: Platform, recruiting: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    following = f"{platform.url}{LIST}?cursor=c"
    platform.says(LIST, answer(application("495039"), following=following))
    platform.says(LIST, answer(application("495039"), application("495040")))
    entered = {"stage": ACCEPTED, "entered_at": wall("2026-02-25T16:30:00")}
    platform.says(HISTORY, answer(entered, following=f"{platform.url}{HISTORY}?cursor=c2"))
    platform.says(
        HISTORY, answer({"stage": INTERVIEW, "entered_at": {"date": "2026-02-22T09:00:00Z"}})
    )
    came = {"stage": {"kind": "unassigned", "type": "system"}, "entered_at": "2026-02-21T08:00:00"}
    platform.says(HISTORY.replace("495039", "495040"), answer(came))

    read = pages(personio.stage_transitions, recruiting)
    _, rows = load(personio.stage_transitions, read, tmp_path, db)

    assert len(platform.asked(HISTORY)) == 2
    found = [
        (row["application_id"], row["entered_at"].isoformat(), row["stage"], row["phase"])
        for row in rows
    ]
    assert found == [
        ("495039", "2026-02-22T09:00:00+00:00", "912", "process"),
        ("495039", "2026-02-25T15:30:00+00:00", "accepted", "hired"),
        ("495040", "2026-02-21T08:00:00+00:00", "unassigned", "entry"),
    ]


def test_a_history_without_stages_is_no_history(
    platform: Platform, recruiting: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    """A row without its stage would say that the application entered none."""
    platform.says(LIST, answer(application("495039")))
    platform.says(HISTORY, answer({"entered_at": "2026-02-21T08:00:00"}))

    stream = personio.stage_transitions
    landing.land(stream, scan().window, pages(stream, recruiting), root=tmp_path, key=SECRET)
    loader.prepare(db, [stream])
    (done,) = loader.load(db, {stream.label: stream}, tmp_path)

    assert done.rows == 0
    assert "1 of 1 records lack a required value (line 1, stage: is empty)" in done.errors[0]


@pytest.mark.parametrize(
    ("stage", "phase"),
    [
        ({"id": None, "kind": "SYSTEM", "name": None, "type": "UNASSIGNED"}, "entry"),
        ({"id": None, "kind": "Offer", "name": None, "type": "system"}, "offer"),
        ({"id": "withdrawn", "kind": None, "name": "Withdrawn", "type": "system"}, "rejected"),
        ({"id": "3", "kind": "CUSTOM", "name": "Offer", "type": "OTHER"}, "process"),
        ({"id": "4", "kind": "CUSTOM", "name": "Vertrag ", "type": "OTHER"}, "offer"),
        ({"id": "5", "kind": "CUSTOM", "name": "Eingang", "type": "OTHER"}, "entry"),
    ],
)
def test_a_stage_stands_for_a_phase_wherever_the_platform_writes_it(
    platform: Platform, recruiting: Client, stage: dict[str, Any], phase: str
) -> None:
    platform.says(LIST, answer(application(current_stage=stage)))
    asked = scan(offer_stages="Angebot, vertrag", entry_stages="eingang")

    (page,) = pages(personio.applications, recruiting, asked=asked)

    assert page.records[0]["phase"] == phase


def test_a_time_in_another_form_is_an_error_and_no_missing_time(
    platform: Platform, recruiting: Client
) -> None:
    platform.says(LIST, answer(application(created_at=wall("yesterday"))))

    with pytest.raises(FatalError, match="a time has another form than known"):
        pages(personio.applications, recruiting)


def test_a_stage_of_another_shape_is_an_error_and_no_step_in_the_process(
    platform: Platform, recruiting: Client
) -> None:
    platform.says(LIST, answer(application()))
    platform.says(HISTORY, answer({"stage": {"phase": 4}, "entered_at": wall("2026-02-21T08:00")}))

    with pytest.raises(FatalError, match="a stage has neither kind nor type"):
        pages(personio.stage_transitions, recruiting)


def test_a_budget_is_kept_before_the_platform_refuses(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    naps: list[float] = []
    following = f"{platform.url}{LIST}?cursor="
    platform.says(LIST, answer(following=f"{following}1"), answer(following=f"{following}2"))
    platform.says(LIST, answer())
    settings = {"token_url": f"{platform.url}/token", "calls_per_minute": "2"}
    secrets = {"client_id": "id", "client_secret": "client-secret-x"}
    client = personio.connect(Account("personio", platform.url, settings, secrets))
    client._sleep = naps.append

    pages(personio.applications, client)

    assert len(naps) == 1
    assert 55 < naps[0] <= 60


def test_a_refusal_without_a_word_is_waited_for_a_minute(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    platform.says(LIST, {"errors": []}, {"errors": []}, status=429)
    platform.says(LIST, answer())
    naps: list[float] = []

    pages(personio.applications, connect(personio, platform.url, naps))

    assert naps == [60.0, 60.0]


def test_a_link_in_a_circle_or_to_another_host_is_an_error(
    platform: Platform, recruiting: Client, other_platform: Platform
) -> None:
    platform.says(LIST, answer(following=f"{platform.url}{LIST}?cursor=same"))
    with pytest.raises(FatalError, match=r"personio\.applications: page 2 leads back"):
        list(islice(personio.applications.extract(recruiting, scan()), 9))

    platform.replies[LIST].clear()
    platform.says(LIST, answer(following=f"{other_platform.url}{LIST}?cursor=c"))
    with pytest.raises(FatalError, match="a link leads to"):
        pages(personio.applications, recruiting)
    assert other_platform.calls == []


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last, options = date(2026, 6, 30), {"seed": 5, "days": 90, "scale": 1.2}
    with running(tmp_path / "out", last_day=last, sources=("personio",), **options) as sandbox:  # type: ignore[arg-type]
        url = f"{sandbox.url}/personio"
        settings = {"token_url": f"{url}/v2/auth/token", "calls_per_minute": "1000000"}
        client = personio.connect(Account("personio", url, settings, CREDENTIALS))
        asked = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"), None, settings)
        landed, rows = load(
            personio.applications,
            pages(personio.applications, client, asked=asked),
            tmp_path,
            db,
        )
        history = pages(personio.stage_transitions, client, asked=asked)
        moved, moves = load(personio.stage_transitions, history, tmp_path, db)
        company, end = sandbox.company, cutoff(last)

    held = [a for a in company.applications("personio") if a.applied_at < end]
    assert (landed.drift, moved.drift) == ((), ())
    assert len(rows) == len(held) > personio.LIMIT
    hired = {str(490_000 + a.id) for a in held if a.hired(end)}
    assert {row["application_id"] for row in rows if row["phase"] == "hired"} == hired != set()
    by_id = {row["application_id"]: row for row in rows}
    assert all(by_id[str(490_000 + a.id)]["created_at"] == a.applied_at for a in held)
    dated = {row["application_id"]: row["entered_at"] for row in moves if row["phase"] == "hired"}
    assert dated == {str(490_000 + a.id): a.hired_at(end) for a in held if a.hired(end)}
    offers = {row["application_id"] for row in moves if row["phase"] == "offer"}
    assert offers == {str(490_000 + a.id) for a in held if a.offer(end)}
    assert any(row["is_anonymized"] and row["person"] is None for row in rows)
