"""Zendesk against scripted answers: the export's cursor, metric sets, what is never kept."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core import ledger
from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.sources import zendesk
from tests.conftest import SECRET, Platform
from tests.contract.cases import FIRST, TOKEN, TOKEN_REPLY, Case, connect, load, pages, scan

EMPTY = {"tickets": [], "after_cursor": "c1", "end_of_stream": True}
BEFORE = {"/token": TOKEN_REPLY}
NOBODY = {"users": [], "after_cursor": "c1", "end_of_stream": True}
CASES = [
    Case(zendesk, zendesk.tickets, zendesk.EXPORT, EMPTY, BEFORE),
    Case(zendesk, zendesk.users, zendesk.USERS, NOBODY, BEFORE),
]


@pytest.fixture
def desk(platform: Platform) -> Client:
    platform.says("/token", TOKEN_REPLY)
    return connect(zendesk, platform.url, [])


def ticket(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "via": {"channel": "facebook", "source": {"from": {"name": "Ada Example"}}},
        "status": "solved",
        "subject": "a secret subject",
        "description": "a secret text",
        "tags": ["social"],
        "requester_id": 20978392,
        "created_at": "2026-02-20T09:00:00Z",
        "generated_timestamp": 1771578000,
        **more,
    }


def export(*tickets: dict[str, Any], cursor: str | None, end: bool = True) -> dict[str, Any]:
    url = "https://elsewhere.example/api/v2/incremental/tickets/cursor.json?cursor=x"
    return {
        "tickets": list(tickets),
        "after_url": url,
        "after_cursor": cursor,
        "end_of_stream": end,
    }


def test_the_export_is_followed_by_cursor_to_its_end(platform: Platform, desk: Client) -> None:
    platform.says(
        zendesk.EXPORT,
        export(ticket(1), cursor="c1", end=False),
        export(cursor="c2", end=False),
        export(ticket(2), cursor="c3"),
    )

    read = pages(zendesk.tickets, desk)

    assert [r["id"] for page in read for r in page.records] == [1, 2]
    assert [page.cursor for page in read] == ["c1", "c2", "c3"]
    always = {"per_page": "1000", "include": "metric_sets"}
    assert platform.asked(zendesk.EXPORT) == [
        {"start_time": "1771545600", **always},  # 20 February
        {"cursor": "c1", **always},
        {"cursor": "c2", **always},
    ]


def test_the_next_night_goes_on_where_the_last_one_ended(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(zendesk.EXPORT, export(ticket(1, status="open"), cursor="c1"))
    platform.says(zendesk.EXPORT, export(ticket(1), cursor=None))

    load(zendesk.tickets, pages(zendesk.tickets, desk), tmp_path, db)
    _, cursor = ledger.watermark(db, zendesk.tickets, FIRST)
    assert cursor == "c1"
    read = pages(zendesk.tickets, desk, cursor=cursor)
    _, rows = load(zendesk.tickets, read, tmp_path, db)

    assert platform.asked(zendesk.EXPORT)[1]["cursor"] == "c1"
    assert [row["status"] for row in rows] == ["solved"]
    # an answer without one keeps the old
    assert ledger.watermark(db, zendesk.tickets, FIRST)[1] == "c1"


def test_metrics_are_read_inside_and_beside_the_tickets(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    inside = {"solved_at": "2026-02-21T12:00:00Z", "reply_time_in_minutes": {"calendar": 14}}
    beside = {"ticket_id": 2, "solved_at": None, "reply_time_in_minutes": {"calendar": "soon"}}
    body = export(ticket(1, metric_set=inside), ticket(2), ticket(3), cursor="c1")
    platform.says(zendesk.EXPORT, {**body, "metric_sets": [beside]})

    _, rows = load(zendesk.tickets, pages(zendesk.tickets, desk), tmp_path, db)

    assert [row["reply_minutes"] for row in rows] == [14, None, None]
    assert rows[0]["solved_at"].isoformat() == "2026-02-21T12:00:00+00:00"
    assert [row["solved_at"] for row in rows[1:]] == [None, None]


def test_no_text_and_no_name_reaches_the_disk(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    merged = ticket(
        2, tags=["closed_by_merge"], satisfaction_rating={"score": "good", "comment": "secret"}
    )
    platform.says(zendesk.EXPORT, export(ticket(1, mood="x"), merged, cursor="c1"))

    landed, rows = load(zendesk.tickets, pages(zendesk.tickets, desk), tmp_path, db)

    assert landed.drift == ("mood",)
    assert [row["is_merged"] for row in rows] == [False, True]
    assert [row["satisfaction_score"] for row in rows] == [None, "good"]
    assert {row["requester_id"] for row in rows} == {pseudonymiser(SECRET)("20978392")}
    assert {row["channel"] for row in rows} == {"facebook"}
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert '"status":"solved"' in kept
    assert "secret" not in kept
    assert "Ada" not in kept


def test_requesters_are_read_from_the_first_one_on_and_only_as_pseudonyms(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    ada = {"id": 1, "email": " Ada@Example.org", "name": "Ada", "phone": "+49 4000", "role": "x"}
    caller = {"id": 20978392, "email": None, "name": "Bob", "phone": "+49 4000 1", "mood": "x"}
    page = {"users": [ada], "after_cursor": "c1", "end_of_stream": False}
    platform.says(zendesk.USERS, page, {**page, "users": [caller], "end_of_stream": True})

    landed, rows = load(zendesk.users, pages(zendesk.users, desk), tmp_path, db)

    code = pseudonymiser(SECRET)
    people = {code("1"): code("ada@example.org"), code("20978392"): None}
    assert {row["user_id"]: row["person"] for row in rows} == people
    assert landed.drift == ("mood",)
    assert platform.asked(zendesk.USERS) == [
        {"start_time": "0", "per_page": "1000"},
        {"cursor": "c1", "per_page": "1000"},
    ]
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert [mark for mark in ("Ada", "ada", "Bob", "4000", "20978392") if mark in kept] == []


def test_the_newest_change_of_a_ticket_wins_wherever_it_is_repeated(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    old, new = ticket(1, status="open"), ticket(1, status="closed")
    platform.says(zendesk.EXPORT, export(old, ticket(2), new, cursor="c1", end=False))
    platform.says(zendesk.EXPORT, export(ticket(2), new, cursor="c2"))

    landed, rows = load(zendesk.tickets, pages(zendesk.tickets, desk), tmp_path, db)

    assert landed.rows == 5
    assert [(r["ticket_id"], r["status"]) for r in rows] == [("1", "closed"), ("2", "solved")]


def test_a_page_loop_and_a_lost_cursor_end_with_an_error(platform: Platform, desk: Client) -> None:
    platform.says(zendesk.EXPORT, export(ticket(1), cursor="c1", end=False))
    with pytest.raises(FatalError, match=r"zendesk\.tickets: page 2 leads back"):
        list(islice(zendesk.tickets.extract(desk, scan()), 9))

    platform.replies[zendesk.EXPORT].clear()
    platform.says(zendesk.EXPORT, export(ticket(1), cursor=None, end=False))
    with pytest.raises(FatalError, match="the export goes on but names no cursor"):
        list(islice(zendesk.tickets.extract(desk, scan()), 9))


def test_the_token_belongs_to_the_client_and_is_renewed_once(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    platform.says(zendesk.EXPORT, {"error": "invalid_token"}, status=401)
    platform.says(zendesk.EXPORT, export(cursor="c1"))

    pages(zendesk.tickets, connect(zendesk, platform.url, []))

    tokens = [call for call in platform.calls if call.path == "/token"]
    assert len(tokens) == 2
    assert "grant_type=client_credentials" in tokens[0].body
    assert platform.calls[-1].headers["authorization"] == f"Bearer {TOKEN}"
