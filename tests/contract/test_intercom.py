"""Intercom against scripted answers: the search's cursor, persons, what is never kept."""

from __future__ import annotations

import json
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Account, Scan, Window
from extractors.sources import intercom
from sandbox.company import cutoff
from sandbox.serve import running
from tests.conftest import SECRET, Platform
from tests.contract.cases import Case, connect, load, pages, scan

SEARCH, CONTACTS = intercom.SEARCH, intercom.CONTACTS
CASES = [Case(intercom, intercom.conversations, SEARCH, {"conversations": [], "pages": {}})]
ADDRESS = "Ada@Example.com"


@pytest.fixture
def desk(platform: Platform) -> Client:
    return connect(intercom, platform.url, [])


def conversation(number: str, *, email: str | None = ADDRESS, **more: Any) -> dict[str, Any]:
    author = {"type": "user", "id": f"c{number}", "name": "Ada Example", "email": email}
    return {
        "type": "conversation",
        "id": number,
        "title": "a secret title",
        "created_at": 1771578000,
        "updated_at": 1771581600,
        "state": "closed",
        "source": {
            "type": "conversation",
            "delivered_as": "customer_initiated",
            "subject": "a secret subject",
            "body": "a secret text",
            "author": author,
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": f"c{number}"}]},
        "tags": {"type": "tag.list", "tags": [{"name": "delivery"}, {"name": "vip"}]},
        "conversation_rating": {"rating": 4, "remark": "a secret remark"},
        "statistics": {"first_admin_reply_at": 1771578840, "last_close_at": 1771581600},
        **more,
    }


def answer(*found: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    following = {"per_page": 150, "starting_after": after} if after else None
    return {"conversations": list(found), "pages": {"type": "pages", "next": following}}


def bodies(platform: Platform, path: str) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in platform.calls if call.path == path]


def test_the_search_is_followed_by_cursor_to_its_end(platform: Platform, desk: Client) -> None:
    platform.says(SEARCH, answer(conversation("1"), after="w1"), answer(after="w2"))
    platform.says(SEARCH, answer(conversation("2")))

    read = pages(intercom.conversations, desk)

    assert [r["id"] for page in read for r in page.records] == ["1", "2"]
    first, second, third = bodies(platform, SEARCH)
    assert first == {
        "query": {
            "operator": "AND",
            "value": [
                # 20 February, less a second; 27 February and a day
                {"field": "updated_at", "operator": ">", "value": 1771545599},
                {"field": "updated_at", "operator": "<", "value": 1772236800},
            ],
        },
        "pagination": {"per_page": 150},
        "sort": {"field": "updated_at", "order": "ascending"},
    }
    assert second == first | {"pagination": {"per_page": 150, "starting_after": "w1"}}
    assert third == first | {"pagination": {"per_page": 150, "starting_after": "w2"}}
    assert {call.headers["intercom-version"] for call in platform.calls} == {"2.14"}
    assert bodies(platform, CONTACTS) == []  # every author's address came along


def test_contacts_are_looked_up_only_where_no_customer_s_address_came_along(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    admin = {"type": "admin", "id": "991", "email": "support@acme.example"}
    written = conversation("2", source={"type": "email", "author": admin})
    platform.says(
        SEARCH, answer(conversation("1"), written, conversation("3", email=None),
                       conversation("4", email=None, contacts=None)),
    )  # fmt: skip
    known = {"id": "c2", "email": "bo@example.com", "name": "Bo Example", "phone": "1"}
    platform.says(CONTACTS, {"type": "list", "data": [known]})  # c3 is gone

    _, rows = load(intercom.conversations, pages(intercom.conversations, desk), tmp_path, db)

    (asked,) = bodies(platform, CONTACTS)
    assert asked["query"] == {"field": "id", "operator": "IN", "value": ["c2", "c3"]}
    hashed = pseudonymiser(SECRET)
    people = [hashed("ada@example.com"), hashed("bo@example.com"), None, None]
    assert [row["person"] for row in rows] == people


def test_fifty_contacts_are_looked_up_at_a_time(platform: Platform, desk: Client) -> None:
    found = [conversation(str(number), email=None) for number in range(120)]
    platform.says(SEARCH, answer(*found))
    platform.says(CONTACTS, {"data": []})

    pages(intercom.conversations, desk)

    assert [len(body["query"]["value"]) for body in bodies(platform, CONTACTS)] == [50, 50, 20]


def test_no_text_and_no_name_reaches_the_disk(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    bare = conversation("2", tags=None, statistics=None, conversation_rating=None, mood="x")
    platform.says(SEARCH, answer(conversation("1"), bare))

    landed, rows = load(intercom.conversations, pages(intercom.conversations, desk), tmp_path, db)

    assert landed.drift == ("mood",)
    assert [row["topic"] for row in rows] == ["delivery", None]
    assert [row["rating"] for row in rows] == [4, None]
    assert [row["admin_replied_seconds"] for row in rows] == [1771578840, None]
    assert [row["closed_seconds"] for row in rows] == [1771581600, None]
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert "customer_initiated" in kept
    assert "secret" not in kept
    assert "ada" not in kept.lower()


def test_a_cursor_that_comes_back_ends_with_an_error(platform: Platform, desk: Client) -> None:
    platform.says(SEARCH, answer(conversation("1"), after="w1"))
    with pytest.raises(FatalError, match=r"intercom\.conversations: page 2 leads back"):
        list(islice(intercom.conversations.extract(desk, scan()), 9))


def test_contacts_that_may_not_be_read_are_named(platform: Platform, desk: Client) -> None:
    platform.says(SEARCH, answer(conversation("1", email=None)))
    errors = [{"code": "api_plan_restricted", "message": "x"}]
    platform.says(CONTACTS, {"type": "error.list", "errors": errors}, status=403)
    with pytest.raises(FatalError, match="Read and list users and companies"):
        pages(intercom.conversations, desk)


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    asked = Scan(Window.of(date(2026, 3, 1), last, "Europe/Berlin"))
    with running(
        tmp_path / "out", seed=5, days=90, scale=1.3, last_day=last, sources=("intercom",)
    ) as sandbox:
        secrets = {"access_token": "sandbox-intercom-token"}
        client = intercom.connect(Account("intercom", f"{sandbox.url}/intercom", {}, secrets))
        read = pages(intercom.conversations, client, asked=asked)
        landed, rows = load(intercom.conversations, read, tmp_path, db)
        for body in ({}, {"query": {"field": "colour", "operator": "=", "value": 1}}):
            with pytest.raises(FatalError, match="answered 400"):
                client.post(SEARCH, json=body)
        company = sandbox.company

    end = cutoff(last)
    opened = {str(t.id): t for t in company.support.tickets if t.created_at < end}
    begun = {row["conversation_id"]: row for row in rows if row["contact_replied_seconds"]}
    assert landed.drift == ()
    assert len(read) > 3
    assert set(begun) == set(opened)
    hashed = pseudonymiser(SECRET)
    for number, ticket in opened.items():
        row = begun[number]
        replied = ticket.replied_at if ticket.replied_at and ticket.replied_at < end else None
        assert row["person"] == hashed(ticket.person.email)
        assert row["contact_replied_seconds"] == int(ticket.created_at.timestamp())
        assert row["admin_replied_seconds"] == (int(replied.timestamp()) if replied else None)
        assert (row["state"] == "closed") is (ticket.resolved_at(end) is not None)
        rated = ticket.rated_at is not None and ticket.rated_at < end
        assert row["rating"] == ((5 if ticket.rating else 1) if rated else None)
    alone = [row for row in rows if row["conversation_id"] not in begun]
    assert {row["delivered_as"] for row in alone} == {"admin_initiated"}
