"""Lever against scripted answers: offset tokens, milliseconds, UTM as sources, deletions."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Account, Scan, Window, streams_of
from extractors.sources import lever
from sandbox.company import cutoff
from sandbox.serve import running
from sandbox.servers.lever import CREDENTIALS
from sandbox.servers.lever_rows import DELETED_AFTER, uuid
from tests.conftest import SECRET, Platform
from tests.contract.cases import Case, connect, load, pages, scan

LIST, DELETED = "/v1/opportunities", "/v1/opportunities/deleted"
EMPTY = {"data": [], "hasNext": False}
PATHS = {
    "opportunities": LIST,
    "stage_changes": LIST,
    "stages": "/v1/stages",
    "archive_reasons": "/v1/archive_reasons",
    "deleted_opportunities": DELETED,
}
CASES = [Case(lever, getattr(lever, name), path, EMPTY) for name, path in PATHS.items()]

APPLICATION = {"posting": "p1", "email": "ada@example.org", "createdAt": 1_771_666_200_000}


@pytest.fixture
def hiring(platform: Platform) -> Client:
    return connect(lever, platform.url, [])


def answer(*records: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    more = {"next": following} if following else {}
    return {"data": list(records), **more, "hasNext": following is not None}


def change(stage: str, at: int) -> dict[str, Any]:
    return {"toStageId": stage, "toStageIndex": 3, "userId": "u", "updatedAt": at}


def opportunity(number: str = "o1", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": "Ada Sample",
        "contact": "c1",
        "headline": "Sample GmbH",
        "stage": "offer",
        "stageChanges": [
            change("applicant-new", 1_771_666_200_000),
            change("offer", 1_771_925_400_500),
        ],
        "confidentiality": "non-confidential",
        "location": "Berlin",
        "phones": [{"type": "mobile", "value": "+49 4000 1"}],
        "emails": [" Ada@Example.org", "b@example.org"],
        "links": ["https://social.example.com/people/1"],
        "archived": {"reason": "r1", "archivedAt": 1_772_011_800_000},
        "tags": ["Sales", "utm_content=v1"],
        "sources": ["utm_source= li ", "LinkedIn", "utm_campaign=a=b", "Jobs", "utm_campaign=c"],
        "origin": "applied",
        "sourcedBy": None,
        "owner": "u",
        "followers": [],
        "applications": [{"id": "a1", **APPLICATION}],
        "createdAt": 1_771_666_100_000,
        "updatedAt": 1_772_011_800_500,
        "lastInteractionAt": 1_772_011_800_000,
        "lastAdvancedAt": 1_771_925_400_000,
        "snoozedUntil": None,
        "urls": {"list": "https://hire.lever.co/candidates", "show": "https://hire.lever.co/x"},
        "isAnonymized": False,
        "dataProtection": None,
        "opportunityLocation": "Berlin",
        **more,
    }


def test_the_key_is_the_user_and_a_token_is_encoded_once(
    platform: Platform, hiring: Client
) -> None:
    platform.says(LIST, answer(opportunity("o2"), following="%5B1772011800500%2C%22o2%22%5D"))
    platform.says(LIST, answer(opportunity("o1")))

    found = pages(lever.opportunities, hiring)

    assert [record["id"] for page in found for record in page.records] == ["o2", "o1"]
    first, second = platform.asked(LIST)
    assert first == {
        "limit": "100",
        "updated_at_start": "1771545600000",  # 20 February
        "updated_at_end": "1772236800000",  # a day after the last one ends
        "expand": "applications",
    }
    assert second == {**first, "offset": '[1772011800500,"o2"]'}
    pair = base64.b64encode(b"api-key-x:").decode()
    assert platform.calls[0].headers["authorization"] == f"Basic {pair}"


def test_an_opportunity_keeps_its_origin_its_times_and_a_pseudonym(
    platform: Platform, hiring: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    gone: dict[str, Any] = {"emails": [], "phones": [], "name": None, "isAnonymized": True}
    bare: dict[str, Any] = {"applications": [], "archived": None, "sources": [], "tags": None}
    platform.says(LIST, answer(opportunity("o1"), opportunity("o2", **gone, **bare)))

    landed, rows = load(lever.opportunities, pages(lever.opportunities, hiring), tmp_path, db)

    assert landed.drift == ()
    assert rows[0] == {
        "opportunity_id": "o1",
        "person": pseudonymiser(SECRET)("ada@example.org"),
        "posting_id": "p1",
        "stage_id": "offer",
        "origin": "applied",
        "source": "LinkedIn",
        "utm_source": " li ",
        "utm_medium": None,
        "utm_campaign": "a=b",
        "utm_content": "v1",
        "archive_reason_id": "r1",
        "archived_at": datetime(2026, 2, 25, 9, 30, tzinfo=UTC),
        "is_anonymized": False,
        "applied_at": datetime(2026, 2, 21, 9, 30, tzinfo=UTC),
        "created_at": datetime(2026, 2, 21, 9, 28, 20, tzinfo=UTC),
        "updated_at": datetime(2026, 2, 25, 9, 30, 0, 500_000, tzinfo=UTC),
    }
    empty = ("person", "posting_id", "source", "utm_source", "archive_reason_id", "archived_at")
    assert [rows[1][name] for name in empty] == [None] * 6
    assert rows[1]["applied_at"] == rows[1]["created_at"]
    parts = [part.read_bytes() for part in landed.folder.glob("part-*.ndjson.zst")]
    reader = zstandard.ZstdDecompressor()
    kept = "".join(reader.decompressobj().decompress(part).decode() for part in parts).lower()
    marks = ("ada", "sample", "+49", "social.example", "hire.lever.co", "b@example")
    assert [mark for mark in marks if mark in kept] == []


def test_every_change_of_stage_is_a_row(
    platform: Platform, hiring: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(LIST, answer(opportunity("o1"), opportunity("o2", stageChanges=None)))

    landed, rows = load(lever.stage_changes, pages(lever.stage_changes, hiring), tmp_path, db)

    assert landed.drift == ()
    assert [(row["opportunity_id"], row["stage_id"]) for row in rows] == [
        ("o1", "applicant-new"),
        ("o1", "offer"),
    ]
    assert rows[1]["entered_at"] == datetime(2026, 2, 24, 9, 30, 0, 500_000, tzinfo=UTC)


def test_a_stage_stands_for_a_phase_by_its_fixed_id_or_by_a_setting(
    platform: Platform, hiring: Client
) -> None:
    texts = {
        "lead-reached-out": "Reached out",
        "applicant-new": "New applicant",
        "offer": "Offer",
        "5a1e": "Phone screen",
        "6b2f": "Inbox ",
        "7c3a": "Contract",
        "8d4b": "Leads",
    }
    platform.says(PATHS["stages"], answer(*({"id": i, "text": t} for i, t in texts.items())))
    asked = scan(entry_stages="inbox", offer_stages="Contract, Signing", lead_stages="leads")

    (page,) = pages(lever.stages, hiring, asked=asked)

    assert [record["phase"] for record in page.records] == [
        "lead",
        "entry",
        "offer",
        "process",
        "entry",
        "offer",
        "lead",
    ]


def test_deletions_of_the_window_are_read(
    platform: Platform, hiring: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(DELETED, answer({"id": "o9", "deletedAt": 1_772_011_800_000}))

    read = pages(lever.deleted_opportunities, hiring)
    _, rows = load(lever.deleted_opportunities, read, tmp_path, db)

    assert rows == [
        {"opportunity_id": "o9", "deleted_at": datetime(2026, 2, 25, 9, 30, tzinfo=UTC)}
    ]
    assert platform.asked(DELETED)[0] == {
        "limit": "100",
        "deleted_at_start": "1771545600000",
        "deleted_at_end": "1772236800000",
    }


def test_confidential_opportunities_are_asked_for_when_the_settings_say_so(
    platform: Platform, hiring: Client
) -> None:
    platform.says(LIST, EMPTY)

    pages(lever.opportunities, hiring)
    pages(lever.opportunities, hiring, confidentiality="all")

    assert [call.get("confidentiality") for call in platform.asked(LIST)] == [None, "all"]


def test_a_token_in_a_circle_or_a_missing_one_is_an_error(
    platform: Platform, hiring: Client
) -> None:
    platform.says(LIST, answer(following="same"))
    with pytest.raises(FatalError, match=r"lever\.opportunities: page 2 leads back"):
        list(islice(lever.opportunities.extract(hiring, scan()), 9))

    platform.replies[LIST].clear()
    platform.says(LIST, {"data": [], "hasNext": True})
    with pytest.raises(FatalError, match="a page has a next one and does not say which"):
        pages(lever.opportunities, hiring)


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last, options = date(2026, 6, 30), {"seed": 5, "days": 120, "scale": 0.5}
    with running(tmp_path / "out", last_day=last, sources=("lever",), **options) as sandbox:  # type: ignore[arg-type]
        client = lever.connect(Account("lever", f"{sandbox.url}/lever", {}, CREDENTIALS))
        asked = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"), None, {})
        landed = {
            name: load(stream, pages(stream, client, asked=asked), tmp_path, db)
            for name, stream in streams_of(lever).items()
        }
        company, end = sandbox.company, cutoff(last)

    assert {name: one.drift for name, (one, _) in landed.items()} == dict.fromkeys(PATHS, ())
    rows = {name: found for name, (_, found) in landed.items()}
    held = [a for a in company.applications("lever") if a.applied_at < end]
    deleted = [
        a
        for a in held
        if a.prospect
        and not a.converted_at
        and a.id % 3 == 0
        and a.applied_at + DELETED_AFTER < end
    ]
    gone = {row["opportunity_id"] for row in rows["deleted_opportunities"]}
    assert gone == {uuid("opportunity", a.id) for a in deleted} != set()
    found = {row["opportunity_id"]: row for row in rows["opportunities"]}
    shown = {uuid("opportunity", a.id): a for a in held if a not in deleted}
    assert found.keys() == shown.keys()
    assert len(found) > 2 * lever.LIMIT
    fields = ("source", "utm_source", "utm_medium", "utm_campaign", "utm_content")
    for number, a in shown.items():
        assert [found[number][name] for name in fields] == [getattr(a.trace, f) for f in fields]
    reasons = {row["archive_reason_id"]: row["type"] for row in rows["archive_reasons"]}
    hired = {
        number: row["archived_at"]
        for number, row in found.items()
        if reasons.get(row["archive_reason_id"]) == "hired"
    }
    assert hired == {n: a.hired_at(end) for n, a in shown.items() if a.hired(end)} != {}
    offers = {row["opportunity_id"] for row in rows["stage_changes"] if row["stage_id"] == "offer"}
    assert offers == {number for number, a in shown.items() if a.offer(end)}
    leads = {n for n, row in found.items() if row["stage_id"].startswith("lead-")}
    assert leads == {n for n, a in shown.items() if a.prospect} != set()
    assert any(row["is_anonymized"] and row["person"] is None for row in rows["opportunities"])
