"""Pipedrive against scripted answers: two ways of paging, fields by hash, archived lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
from extractors.sources import pipedrive
from sandbox.company import cutoff
from sandbox.serve import Sandbox, running
from sandbox.servers.pipedrive import CREDENTIALS
from tests.conftest import SECRET, Platform
from tests.contract.cases import TOKEN, Case, connect, load, pages, scan

NOTHING: Mapping[str, Any] = {"success": True, "data": []}
LABELS = [{"id": "u-1", "name": "Hot"}, {"id": "u-2", "name": "M Q L"}]
CAMPAIGN, WHERE = "9f" * 20, "0a" * 20
FIELDS = [
    {"field_code": CAMPAIGN, "field_name": "UTM Campaign", "field_type": "varchar"},
    {"field_code": "channel", "options": [{"id": 52, "label": "LinkedIn"}], "field_name": "C"},
    {"field_code": "label_ids", "options": [{"id": 6, "label": "SQL"}], "field_name": "Labels"},
    {"field_code": WHERE, "options": [{"id": 7, "label": "Fair"}], "field_name": "Lead source"},
]
DEFINED = {
    pipedrive.PERSON_FIELDS: {"success": True, "data": FIELDS},
    pipedrive.DEAL_FIELDS: {"success": True, "data": FIELDS},
    pipedrive.LABELS: {"success": True, "data": LABELS},
    f"{pipedrive.LEADS}/archived": {"success": True, "data": None},
    f"{pipedrive.DEALS}/archived": NOTHING,
}
CASES = [
    Case(pipedrive, pipedrive.persons, pipedrive.PERSONS, NOTHING, DEFINED),
    Case(pipedrive, pipedrive.leads, pipedrive.LEADS, {"success": True, "data": None}, DEFINED),
    Case(pipedrive, pipedrive.deals, pipedrive.DEALS, NOTHING, DEFINED),
]


@pytest.fixture
def crm(platform: Platform) -> Client:
    for path, body in DEFINED.items():
        platform.says(path, body)
    return connect(pipedrive, platform.url, [])


def found(*records: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    more = {"next_cursor": cursor}
    return {"success": True, "data": list(records), "additional_data": more}


def test_lists_are_followed_by_cursor_and_custom_fields_are_asked_for_by_hash(
    platform: Platform, crm: Client
) -> None:
    platform.says(pipedrive.PERSONS, found({"id": 1}, cursor="a"), found({"id": 2}))

    read = pages(pipedrive.persons, crm)

    assert [r["id"] for page in read for r in page.records] == [1, 2]
    asked = {"limit": "500", "custom_fields": f"{WHERE},{CAMPAIGN}"}
    assert platform.asked(pipedrive.PERSONS) == [asked, {**asked, "cursor": "a"}]
    assert {call.headers["x-api-token"] for call in platform.calls} == {TOKEN}
    assert "authorization" not in platform.calls[0].headers


def test_a_person_is_a_pseudonym_and_options_have_their_names(
    platform: Platform, crm: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    mails = [{"value": "old@example.org"}, {"value": "Ada@Example.org", "primary": True}]
    person = {
        "id": 1,
        "name": "Ada Secret",
        "emails": mails,
        "phones": [{"value": "+49 secret"}],
        "add_time": "2026-02-20T08:11:00Z",
        "label_ids": [9, 6],
        "custom_fields": {WHERE: 7, CAMPAIGN: "spring", "ff" * 20: "secret"},
        "news": 1,
    }
    other = {"id": 2, "emails": None, "label_ids": [9], "custom_fields": {WHERE: 8}}
    platform.says(pipedrive.PERSONS, found(person, other, {"id": 3, "label_ids": []}))

    landed, rows = load(pipedrive.persons, pages(pipedrive.persons, crm), tmp_path, db)

    first, second, third = rows
    assert first["email"] == pseudonymiser(SECRET)("ada@example.org")
    assert (first["source"], first["utm_campaign"], first["utm_source"]) == ("Fair", "spring", None)
    assert first["created_at"].isoformat() == "2026-02-20T08:11:00+00:00"
    judged = [row["has_qualified_label"] for row in rows]
    assert judged == [True, False, None]
    assert (second["email"], second["source"], third["source"]) == (None, "8", None)
    assert landed.drift == ("news",)
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes())
    assert b"secret" not in kept.lower()


def test_the_inbox_is_followed_by_offset_and_has_its_fields_beside_the_others(
    platform: Platform, crm: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    more = {"start": 0, "limit": 500, "more_items_in_collection": True, "next_start": 500}
    lead = {"id": "u1", "person_id": 4, "channel": 52, "channel_id": "x", CAMPAIGN: "spring"}
    first = {**found({**lead, "ff" * 20: "secret", "label_ids": ["u-2"]})}
    platform.says(pipedrive.LEADS, {**first, "additional_data": {"pagination": more}})
    platform.says(pipedrive.LEADS, found({"id": "u2", "label_ids": ["u-1"]}))
    archived = f"{pipedrive.LEADS}/archived"
    platform.replies[archived].clear()
    platform.says(archived, found({"id": "u3", "is_archived": True}))

    read = pages(pipedrive.leads, crm)
    landed, rows = load(pipedrive.leads, read, tmp_path, db)

    assert [one["start"] for one in platform.asked(pipedrive.LEADS)] == ["0", "500"]
    assert landed.drift == ()
    assert [(r["lead_id"], r["channel"], r["has_qualified_label"]) for r in rows] == [
        ("u1", "LinkedIn", True),
        ("u2", None, False),
        ("u3", None, None),
    ]
    assert (rows[0]["utm_campaign"], rows[0]["channel_id"]) == ("spring", "x")
    assert (rows[0]["person_id"], rows[2]["is_archived"]) == ("4", True)


def test_archived_deals_are_deals(
    platform: Platform, crm: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    deal = {"id": 77, "value": 12000.5, "currency": "EUR", "status": "won", "channel": 52}
    close = {"close_time": "2026-02-21T10:00:00Z"}
    platform.says(pipedrive.DEALS, found({**deal, **close, "custom_fields": {}}))
    platform.replies[f"{pipedrive.DEALS}/archived"].clear()
    platform.says(f"{pipedrive.DEALS}/archived", found({"id": 78, "channel": 53, "value": 0}))

    landed, rows = load(pipedrive.deals, pages(pipedrive.deals, crm), tmp_path, db)

    assert landed.drift == ()
    assert [(r["deal_id"], r["amount"], r["status"], r["channel"]) for r in rows] == [
        ("77", Decimal("12000.5"), "won", "LinkedIn"),
        ("78", Decimal(0), None, "53"),
    ]
    assert rows[0]["closed_at"].isoformat() == "2026-02-21T10:00:00+00:00"


def test_a_field_that_the_settings_name_must_exist_at_persons_or_deals(
    platform: Platform, crm: Client
) -> None:
    platform.says(pipedrive.PERSONS, found({"id": 1, "custom_fields": {WHERE: "x"}}))
    (page,) = pages(pipedrive.persons, crm, utm_source="lead_SOURCE", qualified_labels="Hot")
    assert page.records[0]["utm_source"] == "x"
    with pytest.raises(FatalError, match="there is no field 'Herkunft' for source"):
        pages(pipedrive.persons, crm, source_field="Herkunft")
    platform.replies[pipedrive.PERSON_FIELDS].clear()
    platform.says(pipedrive.PERSON_FIELDS, NOTHING)
    pages(pipedrive.persons, crm, utm_campaign="utm campaign")  # deals have it


def test_paging_in_a_circle_ends_with_an_error(platform: Platform, crm: Client) -> None:
    platform.says(pipedrive.DEALS, found({"id": 1}, cursor="a"))
    with pytest.raises(FatalError, match=r"pipedrive\.deals: page 2 leads back"):
        list(islice(pipedrive.deals.extract(crm, scan()), 9))
    paging = {"more_items_in_collection": True, "next_start": 500}
    platform.says(pipedrive.LEADS, {**NOTHING, "additional_data": {"pagination": paging}})
    with pytest.raises(FatalError, match=r"pipedrive\.leads: page 2 leads back"):
        list(islice(pipedrive.leads.extract(crm, scan()), 9))


def test_a_burst_is_waited_for_and_a_spent_day_is_not(platform: Platform) -> None:
    naps: list[float] = []
    crm = connect(pipedrive, platform.url, naps)
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"}
    platform.says(pipedrive.PERSON_FIELDS, NOTHING, headers=spent)
    platform.says(pipedrive.PERSONS, NOTHING)
    pages(pipedrive.persons, crm)
    assert naps == [2.0]

    platform.replies[pipedrive.PERSONS].clear()
    day = {"x-daily-ratelimit-token-remaining": "0", "x-ratelimit-reset": "2"}
    platform.says(pipedrive.PERSONS, {"success": False}, status=429, headers=day)
    platform.replies[pipedrive.PERSON_FIELDS].clear()
    platform.says(pipedrive.PERSON_FIELDS, NOTHING)
    with pytest.raises(FatalError, match="tokens of this day are used up"):
        pages(pipedrive.persons, crm)
    assert naps == [2.0]


@dataclass
class Whole:
    """What one reading of the sandbox brought."""

    sandbox: Sandbox
    rows: dict[str, list[dict[str, Any]]]
    kept: str


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    last, root = date(2026, 6, 30), tmp_path_factory.mktemp("pipedrive")
    faults = "pipedrive:429,pipedrive:reorder,pipedrive:repeat"
    with running(
        root / "out",
        seed=5,
        days=200,
        scale=1.5,
        last_day=last,
        faults=faults,
        sources=["pipedrive"],
    ) as sandbox:
        client = pipedrive.connect(
            Account("pipedrive", f"{sandbox.url}/pipedrive", {}, CREDENTIALS)
        )
        client._sleep = lambda _seconds: None
        asked = Scan(Window.of(last, last, "Europe/Berlin"), None, {})
        rows = {}
        for name, stream in streams_of(pipedrive).items():
            with duckdb.connect(str(root / f"{name}.duckdb")) as db:
                db.execute("set timezone = 'UTC'")
                landed, rows[name] = load(stream, pages(stream, client, asked=asked), root, db)
            assert landed.drift == (), name
    parts = sorted(root.glob("**/part-*.ndjson.zst"))
    unpack = zstandard.ZstdDecompressor()
    kept = [unpack.decompressobj().decompress(part.read_bytes()).decode() for part in parts]
    return Whole(sandbox, rows, "".join(kept).lower())


def test_everything_that_the_sandbox_shows_arrives(whole: Whole) -> None:
    company, end = whole.sandbox.company, cutoff(date(2026, 6, 30))
    contacts = [c for c in company.contacts("pipedrive") if c.counts(end)]
    deals = [d for d in company.deals("pipedrive") if d.counts(end)]

    persons = whole.rows["persons"]
    assert {row["person_id"] for row in persons} == {str(c.id) for c in contacts}
    assert len(persons) > 500  # more than one page
    assert len({row["email"] for row in persons}) == len(contacts)
    shown = whole.rows["deals"]
    assert {row["deal_id"] for row in shown} == {str(d.id) for d in deals}
    assert any(row["is_archived"] for row in shown)
    assert sum(row["status"] == "won" for row in shown) == sum(d.is_won(end) for d in deals) > 50
    assert sum(row["status"] == "open" for row in shown) == sum(not d.is_closed(end) for d in deals)
    assert {row["currency"] for row in shown} == {"EUR", "CHF"}
    customers = {lead.id for d in deals if (lead := d.lead(end))}
    waiting = [c for c in contacts if c.lifecycle and c.id not in customers]
    assert len(whole.rows["leads"]) == len(waiting) > 500
    assert {row["has_qualified_label"] for row in persons} == {True, False, None}
    assert {row["has_qualified_label"] for row in whole.rows["leads"]} == {True, False}
    assert any(row["utm_campaign"] for row in persons)
    assert any(row["channel_id"] for row in whole.rows["leads"])


def test_nothing_personal_reaches_the_disk(whole: Whole) -> None:
    people = whole.sandbox.company.people.all
    marks = ("@example.", "+49 4000", "too dear", *{person.last.lower() for person in people})
    assert [mark for mark in marks if mark in whole.kept] == []
