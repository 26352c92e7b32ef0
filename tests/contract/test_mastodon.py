"""Mastodon against scripted answers: the Link header, what is no post, texts without persons."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.types import Account
from extractors.sources import mastodon
from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.serve import running
from tests.conftest import Platform
from tests.contract.cases import Case, connect, load, pages, scan

POSTS = "/api/v1/accounts/7/statuses"
ME = {"id": "7", "username": "acme", "followers_count": 321}
BEFORE = {mastodon.ME: ME}
CASES = [
    Case(mastodon, mastodon.statuses, POSTS, [], BEFORE),
    Case(mastodon, mastodon.accounts, mastodon.ME, ME, is_list=False),
]


@pytest.fixture
def instance(platform: Platform) -> Client:
    platform.says(mastodon.ME, ME)
    return connect(mastodon, platform.url, [])


def status(number: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "created_at": "2026-02-20T10:00:00.000Z",
        "visibility": "public",
        "url": f"https://m.example/@acme/{number}",
        "account": {"id": "7", "acct": "acme", "display_name": "Ada Example"},
        "content": "<p>Hi</p>",
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "favourites_count": 9,
        "reblogs_count": 2,
        "replies_count": 1,
        **more,
    }


def test_statuses_are_followed_through_the_link_header_to_an_empty_page(
    platform: Platform, instance: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    following = f"{platform.url}{POSTS}?limit=40&max_id=108"
    link = f'<{following}>; rel="next", <{platform.url}{POSTS}?min_id=109>; rel="prev"'
    platform.says(POSTS, [status("109"), status("108")], headers={"Link": link})
    platform.says(POSTS, [])

    _, rows = load(mastodon.statuses, pages(mastodon.statuses, instance), tmp_path, db)

    assert platform.asked(POSTS) == [
        {"limit": "40", "exclude_replies": "true", "exclude_reblogs": "true"},
        {"limit": "40", "max_id": "108"},
    ]
    assert [(r["status_id"], r["read_on"], r["favourites"]) for r in rows] == [
        ("108", date(2026, 3, 2), 9),
        ("109", date(2026, 3, 2), 9),
    ]
    assert rows[0]["published_at"].isoformat() == "2026-02-20T10:00:00+00:00"
    assert (rows[0]["account_id"], rows[0]["reblogs"], rows[0]["replies"]) == ("7", 2, 1)


def test_boosts_and_direct_messages_never_reach_the_disk(
    platform: Platform, instance: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    other = status("5", content="<p>secret of another</p>")
    direct = status("3", visibility="direct", content="<p>secret to one</p>")
    platform.says(POSTS, [status("1", visibility="unlisted"), status("2", reblog=other), direct])

    landed, rows = load(mastodon.statuses, pages(mastodon.statuses, instance), tmp_path, db)

    assert [row["status_id"] for row in rows] == ["1"]
    assert landed.drift == ()
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert '"text":"Hi"' in kept
    assert "secret" not in kept
    assert "Ada" not in kept


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            '<p>Come &amp; see <a href="https://a.example/x?utm_campaign=care&amp;b=1">'
            '<span class="invisible">https://</span><span class="ellipsis">a.exa</span></a></p>',
            "Come & see https://a.example/x?utm_campaign=care&b=1",
        ),
        (
            '<p>Thanks <span class="h-card"><a href="https://m.example/@ada" class="u-url mention">'
            "@<span>ada</span></a></span>!<br>And @bob@m.example</p>",
            "Thanks @person!\nAnd @person",
        ),
        (
            '<p><a href="https://m.example/tags/care" class="mention hashtag">#<span>care</span>'
            "</a></p>",
            "#care",
        ),
        ('<p><a href="https://elsewhere.example/u/eve">Eve Example</a></p>', "@person"),
        (None, None),
    ],
)
def test_a_text_keeps_links_and_hashtags_and_no_person(
    platform: Platform,
    instance: Client,
    tmp_path: Path,
    db: duckdb.DuckDBPyConnection,
    content: str | None,
    text: str | None,
) -> None:
    eve = {"id": "8", "url": "https://elsewhere.example/u/eve", "acct": "eve"}
    platform.says(POSTS, [status("1", content=content, mentions=[eve])])

    _, rows = load(mastodon.statuses, pages(mastodon.statuses, instance), tmp_path, db)

    assert rows[0]["text"] == text


def test_followers_are_a_reading_of_today(
    instance: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    landed, rows = load(mastodon.accounts, pages(mastodon.accounts, instance), tmp_path, db)

    assert rows == [{"account_id": "7", "read_on": date(2026, 3, 2), "followers": 321}]
    assert landed.drift == ()


def test_a_used_up_quota_is_waited_for_until_the_iso_time_of_its_reset(platform: Platform) -> None:
    naps: list[float] = []
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-03-02T12:03:00.000000Z"}
    platform.says(mastodon.ME, ME, headers=used_up)
    platform.says(POSTS, [])

    pages(mastodon.statuses, connect(mastodon, platform.url, naps))

    assert naps == [181.0]


def test_a_link_in_a_circle_or_to_another_host_is_an_error(
    platform: Platform, instance: Client, other_platform: Platform
) -> None:
    platform.says(
        POSTS, [status("1")], headers={"Link": f'<{platform.url}{POSTS}?max_id=1>; rel="next"'}
    )
    with pytest.raises(FatalError, match=r"mastodon\.statuses: page 2 leads back"):
        list(islice(mastodon.statuses.extract(instance, scan()), 9))

    platform.replies[POSTS].clear()
    elsewhere = f'<{other_platform.url}{POSTS}?max_id=1>; rel="next"'
    platform.says(POSTS, [status("1")], headers={"Link": elsewhere})
    with pytest.raises(FatalError, match="a link leads to"):
        pages(mastodon.statuses, instance)
    assert other_platform.calls == []


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    with running(tmp_path / "out", seed=5, days=90, scale=0.2, last_day=last) as sandbox:
        url, secrets = f"{sandbox.url}/mastodon", {"access_token": "sandbox-mastodon-token"}
        client = mastodon.connect(Account("mastodon", url, {}, secrets))
        landed, rows = load(mastodon.statuses, pages(mastodon.statuses, client), tmp_path, db)
        _, counts = load(mastodon.accounts, pages(mastodon.accounts, client), tmp_path, db)
        company = sandbox.company

    posts = [p for p in posts_on(company, "mastodon") if p.published_at < cutoff(last)]
    figures = {post.id: totals(post, last) for post in posts}
    found = {r["status_id"]: (r["favourites"], r["replies"], r["reblogs"]) for r in rows}
    assert landed.drift == ()
    assert len(rows) == len(posts) > 2 * mastodon.LISTED
    assert found == {number: all_[1:4] for number, all_ in figures.items()}
    assert counts[0]["followers"] == followers_on(company, "mastodon", last)
    links = [row["text"] for row in rows if "utm_campaign=" in row["text"]]
    assert len(links) == sum(post.campaign is not None for post in posts) > 0
    names = [person.name for person in company.people.all]
    assert not [name for name in names if any(name in row["text"] for row in rows)]
