"""Freshdesk against scripted answers: pages by time of change, what was put away, ratings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
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
from extractors.sources import freshdesk
from sandbox.company import cutoff
from sandbox.serve import Sandbox, running
from tests.conftest import SECRET, Answer, Call, Platform
from tests.contract.cases import Case, connect, load, pages, scan

TICKETS, RATINGS, FIELDS = freshdesk.TICKETS, freshdesk.RATINGS, freshdesk.FIELDS
CASES = [
    Case(freshdesk, freshdesk.tickets, TICKETS, []),
    Case(freshdesk, freshdesk.deleted_tickets, TICKETS, []),
    Case(freshdesk, freshdesk.spam_tickets, TICKETS, []),
    Case(freshdesk, freshdesk.satisfaction_ratings, RATINGS, []),
    Case(freshdesk, freshdesk.ticket_sources, FIELDS, []),
]


@pytest.fixture
def desk(platform: Platform) -> Client:
    return connect(freshdesk, platform.url, [])


def ticket(number: int, at: str = "2026-02-20T09:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "subject": "a secret subject",
        "status": 4,
        "source": 6,
        "type": "Delivery",
        "tags": ["social"],
        "to_emails": ["Ada@Example.com"],
        "requester_id": 43001,
        "requester": {"id": 43001, "name": "Ada Example", "email": "Ada@Example.com"},
        "stats": {"first_responded_at": "2026-02-20T09:14:00Z", "resolved_at": at},
        "created_at": "2026-02-20T09:00:00Z",
        "updated_at": at,
        **more,
    }


def more_after(platform: Platform, path: str = TICKETS) -> dict[str, str]:
    return {"Link": f'<{platform.url}{path}?page=2>; rel="next"'}


def test_a_page_starts_at_the_second_in_which_the_last_one_ended(
    platform: Platform, desk: Client
) -> None:
    second, third = "2026-02-20T09:00:01Z", "2026-02-20T09:00:02Z"
    link = more_after(platform)
    platform.says(TICKETS, [ticket(2, second), ticket(1)], headers=link)  # not in order
    platform.says(TICKETS, [ticket(2, second), ticket(3, second)], headers=link)
    platform.says(TICKETS, [ticket(4, second), ticket(5, third)], headers=link)
    platform.says(TICKETS, [ticket(5, third)])

    read = pages(freshdesk.tickets, desk)

    assert [r["id"] for page in read for r in page.records] == [2, 1, 2, 3, 4, 5, 5]
    always = {"include": "requester,stats", "order_by": "updated_at", "order_type": "asc"}
    asked = platform.asked(TICKETS)
    assert [(query["updated_since"], query["page"]) for query in asked] == [
        ("2026-02-20T00:00:00Z", "1"),
        (second, "1"),
        (second, "2"),  # a bulk change: one second fills a page
        (third, "1"),
    ]
    assert asked[0] == {**always, "per_page": "100", "page": "1"} | {
        "updated_since": "2026-02-20T00:00:00Z"
    }


def test_no_ticket_is_lost_when_others_change_while_the_list_is_paged(
    platform: Platform, desk: Client
) -> None:
    rows = [ticket(n, f"2026-02-20T09:00:{n:02d}Z") for n in range(1, 7)]

    def listed(call: Call) -> Answer:
        left = [r for r in rows if r["updated_at"] >= call.query["updated_since"]]
        left.sort(key=lambda row: row["updated_at"])
        page = [dict(row) for row in left[:2]]
        rows[0]["updated_at"] = "2026-02-20T10:00:00Z"  # 1 moves behind all others
        return Answer(page, headers=more_after(platform) if len(left) > 2 else {})

    platform.does(TICKETS, listed)

    read = pages(freshdesk.tickets, desk)

    assert {r["id"] for page in read for r in page.records} == {1, 2, 3, 4, 5, 6}


def test_a_second_of_more_than_300_pages_ends_with_an_error(
    platform: Platform, desk: Client
) -> None:
    platform.says(TICKETS, [ticket(1, "2026-02-20T00:00:00Z")], headers=more_after(platform))
    with pytest.raises(FatalError, match="more than 30000 tickets changed in the second 2026-02"):
        list(islice(freshdesk.tickets.extract(desk, scan()), 400))
    assert [q["page"] for q in platform.asked(TICKETS)][-1] == "300"


def test_a_ticket_without_its_time_ends_the_paging_with_an_error(
    platform: Platform, desk: Client
) -> None:
    platform.says(TICKETS, [ticket(1, updated_at=None)], headers=more_after(platform))
    with pytest.raises(FatalError, match=r"freshdesk\.tickets: a record has no time"):
        pages(freshdesk.tickets, desk)


def test_no_text_and_no_name_reaches_the_disk(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    unknown = ticket(2, requester=None, stats=None, mood="x", status=2)
    platform.says(TICKETS, [ticket(1), unknown])

    landed, rows = load(freshdesk.tickets, pages(freshdesk.tickets, desk), tmp_path, db)

    assert landed.drift == ("mood",)
    person = pseudonymiser(SECRET)("ada@example.com")
    assert [row["requester_email"] for row in rows] == [person, None]
    assert [(row["source"], row["status"], row["type"]) for row in rows] == [
        (6, 4, "Delivery"),
        (6, 2, "Delivery"),
    ]
    assert rows[0]["first_responded_at"].isoformat() == "2026-02-20T09:14:00+00:00"
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert '"type":"Delivery"' in kept
    assert "secret" not in kept
    assert "ada" not in kept.lower()


def test_deleted_tickets_and_spam_come_from_their_own_lists_without_their_content(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(TICKETS, [ticket(7, "2026-02-21T08:00:00Z", deleted=True)], [ticket(8)])

    _, gone = load(freshdesk.deleted_tickets, pages(freshdesk.deleted_tickets, desk), tmp_path, db)
    landed, spam = load(freshdesk.spam_tickets, pages(freshdesk.spam_tickets, desk), tmp_path, db)

    assert [query["filter"] for query in platform.asked(TICKETS)] == ["deleted", "spam"]
    assert not [query for query in platform.asked(TICKETS) if "include" in query]
    assert [(row["ticket_id"], row["updated_at"].isoformat()) for row in gone] == [
        ("7", "2026-02-21T08:00:00+00:00")
    ]
    assert [row["ticket_id"] for row in spam] == ["8"]
    assert landed.drift == ("requester",)  # it comes only where it is asked for


def test_ratings_follow_the_link_and_leave_the_comment_behind(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    first = {"id": 1, "ticket_id": 35, "ratings": {"default_question": 103}, "feedback": "secret"}
    other = {"id": 2, "ticket_id": 36, "ratings": {"question_9": -103}, "user_id": 4}
    platform.says(RATINGS, [first], headers=more_after(platform, RATINGS))
    platform.says(RATINGS, [other])

    read = pages(freshdesk.satisfaction_ratings, desk)
    landed, rows = load(freshdesk.satisfaction_ratings, read, tmp_path, db)

    assert platform.asked(RATINGS) == [
        {"created_since": "2026-02-20T00:00:00Z", "per_page": "100"},
        {"page": "2"},
    ]
    assert [(row["ticket_id"], row["score"]) for row in rows] == [("35", 103), ("36", None)]
    assert landed.drift == ()


def listing(platform: Platform, times: list[str]) -> list[str]:
    """Let the platform list one rating a page, and refuse page 301; return what it is asked for."""
    asked = list[str]()

    def page(call: Call) -> Answer:
        since, number = call.query["created_since"], int(call.query.get("page", "1"))
        asked.append(since)
        rows = [{"id": at, "created_at": at} for at in times if at >= since]
        if number > 300:
            return Answer({"description": "Validation failed", "errors": []}, 400)
        query = f"created_since={since}&page={number + 1}"
        more = {"Link": f'<{platform.url}{RATINGS}?{query}>; rel="next"'}
        headers = more if len(rows) > number else {}
        return Answer(rows[number - 1 : number], headers=headers)

    platform.does(RATINGS, page)
    return asked


def test_ratings_past_the_last_page_are_asked_for_from_the_newest_on(
    platform: Platform, desk: Client
) -> None:
    start = datetime(2026, 2, 20, tzinfo=UTC)
    times = [f"{start + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(450)]
    asked = listing(platform, times)

    read = pages(freshdesk.satisfaction_ratings, desk)

    found = [record["id"] for page in read for record in page.records]
    assert found == [*times[:300], *times[299:]]  # the newest of the first round comes again
    # page 300 holds the rating of minute 299: one second before it is asked for next
    assert list(dict.fromkeys(asked)) == ["2026-02-20T00:00:00Z", "2026-02-20T04:58:59Z"]
    assert len(asked) == 451


def test_ratings_that_begin_with_the_newest_say_from_when_they_can_be_read(
    platform: Platform, desk: Client
) -> None:
    start = datetime(2026, 2, 20, tzinfo=UTC)
    times = [f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(400)]
    listing(platform, times[::-1])

    with pytest.raises(FatalError) as caught:
        pages(freshdesk.satisfaction_ratings, desk)

    # page 300 holds hour 100, of 24 February: all of the 25th and later are shown
    assert str(caught.value) == (
        "freshdesk.satisfaction_ratings: more than 30000 ratings since 2026-02-20T00:00:00Z, not"
        " oldest first. Set since: 2026-02-25 under freshdesk: in sources.yml; older ones are not"
        " shown."
    )


def test_a_link_in_a_circle_or_to_another_host_is_an_error(
    platform: Platform, desk: Client, other_platform: Platform
) -> None:
    platform.says(RATINGS, [], headers=more_after(platform, RATINGS))
    with pytest.raises(FatalError, match=r"freshdesk\.satisfaction_ratings: page 2 leads back"):
        list(islice(freshdesk.satisfaction_ratings.extract(desk, scan()), 9))

    platform.replies[RATINGS].clear()
    platform.says(RATINGS, [], headers=more_after(other_platform, RATINGS))
    with pytest.raises(FatalError, match="a link leads to"):
        pages(freshdesk.satisfaction_ratings, desk)
    assert other_platform.calls == []


def test_channels_are_read_by_code_and_a_list_of_another_shape_is_an_error(
    platform: Platform, desk: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    status = {"type": "default_status", "choices": {"2": ["Open", "Being Processed"]}}
    source = {"type": "default_source", "choices": {"Email": 1, "Instagram DM": 101}}
    platform.says(FIELDS, [status, source], [source | {"choices": [["Email", 1]]}])

    _, rows = load(freshdesk.ticket_sources, pages(freshdesk.ticket_sources, desk), tmp_path, db)

    assert rows == [{"source": 1, "name": "Email"}, {"source": 101, "name": "Instagram DM"}]
    with pytest.raises(FatalError, match="names its choices no more by label"):
        pages(freshdesk.ticket_sources, desk)


def test_the_key_is_sent_as_user(platform: Platform, desk: Client) -> None:
    platform.says(TICKETS, [])
    pages(freshdesk.tickets, desk)
    assert platform.calls[0].headers["authorization"] == "Basic YXBpLWtleS14Olg="  # api-key-x:X


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    last = date(2026, 6, 30)
    with running(
        tmp_path / "out", seed=5, days=90, scale=1, last_day=last, sources=("freshdesk",)
    ) as found:
        yield found


def client_of(sandbox: Sandbox) -> Client:
    secrets = {"api_key": "sandbox-freshdesk-key"}
    return freshdesk.connect(Account("freshdesk", f"{sandbox.url}/freshdesk", {}, secrets))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    sandbox: Sandbox, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    client, end = client_of(sandbox), cutoff(sandbox.day)
    streams = {
        one.name: load(one, pages(one, client, asked=whole()), tmp_path, db)
        for one in (
            freshdesk.tickets,
            freshdesk.deleted_tickets,
            freshdesk.spam_tickets,
            freshdesk.satisfaction_ratings,
            freshdesk.ticket_sources,
        )
    }
    opened = [t for t in sandbox.company.support.tickets if t.created_at < end]
    gone = {str(t.id) for t in opened if t.deleted_at and t.deleted_at < end}
    rated = {str(t.id): t.rating for t in opened if t.rated_at and t.rated_at < end}
    people = {str(t.id): pseudonymiser(SECRET)(t.person.email) for t in opened}

    rows = {name: found for name, (_, found) in streams.items()}
    assert [landed.drift for landed, _ in streams.values()] == [()] * 5
    seen = {row["ticket_id"]: row["requester_email"] for row in rows["tickets"]}
    assert len(seen) == len(rows["tickets"]) > 3 * freshdesk.PER_PAGE
    assert seen == {number: pid for number, pid in people.items() if number not in gone}
    assert {row["ticket_id"] for row in rows["deleted_tickets"]} == gone != set()
    spam = {row["ticket_id"] for row in rows["spam_tickets"]}
    assert spam
    assert not spam & set(people)
    found = {row["ticket_id"]: row["score"] for row in rows["satisfaction_ratings"]}
    assert found == {number: 103 if good else -103 for number, good in rated.items()}
    assert len(rows["ticket_sources"]) == 15


def test_the_sandbox_refuses_what_the_platform_refuses(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    for query in ({"page": "301"}, {"per_page": "101"}, {"colour": "red"}, {"include": "notes"}):
        with pytest.raises(FatalError, match="answered 400"):
            client.get(TICKETS, query)
    first = client.get(TICKETS).body[0]  # only what is included comes along
    assert not {"requester", "stats", "description", "deleted"} & set(first)
    recent = client.get(TICKETS, {"order_type": "asc"}).body[0]["created_at"]
    assert recent >= "2026-06-01"  # without updated_since 30 days are shown


def whole() -> Scan:
    """Return a scan of the whole simulated time."""
    return Scan(Window.of(date(2026, 3, 1), date(2026, 6, 30), "Europe/Berlin"))
