"""Bluesky against scripted answers: sessions, the feed's cursor, links and persons in texts."""

from __future__ import annotations

import json
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.types import Account
from extractors.sources import bluesky
from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.serve import running
from sandbox.servers.bluesky import HANDLE
from tests.conftest import Platform
from tests.contract.cases import Case, connect, load, pages, scan

SESSION = {"accessJwt": "a.b.c", "refreshJwt": "d.e.f", "did": "did:plc:abc", "handle": "7"}
PROFILE = {"did": "did:plc:abc", "handle": "7", "followersCount": 41}
BEFORE = {bluesky.SESSION: SESSION}
CASES = [
    Case(bluesky, bluesky.posts, bluesky.FEED, {"feed": []}, BEFORE),
    Case(bluesky, bluesky.profiles, bluesky.PROFILE, PROFILE, BEFORE, is_list=False),
]
ASKED = {
    "actor": "7",
    "limit": "100",
    "filter": "posts_and_author_threads",
    "includePins": "false",
}


@pytest.fixture
def host(platform: Platform) -> Client:
    platform.says(bluesky.SESSION, SESSION)
    return connect(bluesky, platform.url, [])


def item(rkey: str, text: str = "Hi", record: Any = None, **more: Any) -> dict[str, Any]:
    post = {
        "uri": f"at://did:plc:abc/app.bsky.feed.post/{rkey}",
        "cid": "bafyre",
        "author": {"did": "did:plc:abc", "handle": "acme.bsky.social", "displayName": "Ada"},
        "record": {"text": text, "createdAt": "2026-02-20T10:00:00.000Z", **(record or {})},
        "indexedAt": "2026-02-20T10:00:01.000Z",
        "likeCount": 9,
        "replyCount": 1,
        "repostCount": 2,
        "quoteCount": 0,
        "labels": [],
    }
    return {"post": post, **more}


def read(client: Client, root: Path, db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return load(bluesky.posts, pages(bluesky.posts, client, handle="7"), root, db)[1]


def test_the_feed_is_followed_by_its_cursor_over_an_empty_page(
    platform: Platform, host: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(
        bluesky.FEED,
        {"feed": [item("3m1")], "cursor": "2026-02-20T10:00:00.000Z"},
        {"feed": [], "cursor": "c2"},
        {"feed": [item("3m2")]},
    )

    rows = read(host, tmp_path, db)

    assert platform.asked(bluesky.FEED) == [
        ASKED,
        {**ASKED, "cursor": "2026-02-20T10:00:00.000Z"},
        {**ASKED, "cursor": "c2"},
    ]
    assert [row["post_id"].rpartition("/")[2] for row in rows] == ["3m1", "3m2"]
    assert rows[0]["read_on"] == date(2026, 3, 2)
    assert (rows[0]["likes"], rows[0]["replies"], rows[0]["reposts"]) == (9, 1, 2)
    assert (rows[0]["quotes"], rows[0]["bookmarks"]) == (0, None)  # counted, and not said
    assert rows[0]["account_id"] == "did:plc:abc"


def test_reposts_of_others_are_no_posts(
    platform: Platform, host: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": "did:plc:abc"}}
    platform.says(bluesky.FEED, {"feed": [item("3m1"), item("3m2", reason=reason)]})

    assert [row["post_id"][-3:] for row in read(host, tmp_path, db)] == ["3m1"]


def test_links_are_whole_and_persons_left_out_by_the_places_of_bytes(
    platform: Platform, host: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    text = "Grüße @ada.example 🎉 a.example/x... #care und @eve.example"
    shown = "Grüße @ada.example 🎉 ".encode()
    mention = {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ada"}
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/x?utm_campaign=c"}
    facets = [
        {"index": {"byteStart": 8, "byteEnd": 20}, "features": [mention]},
        {"index": {"byteStart": len(shown), "byteEnd": len(shown) + 14}, "features": [link]},
        {"index": {"byteStart": "x"}, "features": []},
    ]
    card = {"external": {"uri": "https://a.example/card?utm_campaign=d", "title": "T"}}
    record = {"facets": facets, "embed": card}
    platform.says(bluesky.FEED, {"feed": [item("3m1", text, record)]})

    (row,) = read(host, tmp_path, db)

    assert row["text"] == ("Grüße @person 🎉 https://a.example/x?utm_campaign=c #care und @person")
    assert row["link_url"] == "https://a.example/card?utm_campaign=d"


def test_a_session_that_ended_is_opened_again(platform: Platform) -> None:
    platform.says(bluesky.SESSION, SESSION, {**SESSION, "accessJwt": "g.h.i"})
    platform.says(
        bluesky.PROFILE, {"error": "ExpiredToken", "message": "Token has expired"}, status=400
    )
    platform.says(bluesky.PROFILE, PROFILE)

    (page,) = pages(bluesky.profiles, connect(bluesky, platform.url, []), handle="7")

    assert page.records[0]["followersCount"] == 41
    opened = [json.loads(c.body) for c in platform.calls if c.path == bluesky.SESSION]
    assert opened == [{"identifier": "7", "password": "app-password-x"}] * 2
    sent = [c.headers["authorization"] for c in platform.calls if c.path == bluesky.PROFILE]
    assert sent == ["Bearer a.b.c", "Bearer g.h.i"]


def test_a_refused_password_says_what_to_do_and_shows_nothing(platform: Platform) -> None:
    message = "Invalid identifier or password"
    platform.says(
        bluesky.SESSION, {"error": "AuthenticationRequired", "message": message}, status=401
    )

    with pytest.raises(FatalError, match=r"no session: it was refused \(401\)") as caught:
        pages(bluesky.posts, connect(bluesky, platform.url, []), handle="7")
    assert "make a new app password" in caught.value.do
    assert "app-password-x" not in str(caught.value)


def test_an_unknown_account_is_an_error_and_a_loop_ends(platform: Platform, host: Client) -> None:
    platform.says(
        bluesky.FEED, {"error": "InvalidRequest", "message": "Profile not found"}, status=400
    )
    with pytest.raises(FatalError, match="answered 400"):
        pages(bluesky.posts, host, handle="7")

    platform.replies[bluesky.FEED].clear()
    platform.says(bluesky.FEED, {"feed": [item("3m1")], "cursor": "c1"})
    with pytest.raises(FatalError, match=r"bluesky\.posts: page 2 leads back"):
        list(islice(bluesky.posts.extract(host, scan(handle="7")), 9))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last, secrets = date(2026, 6, 30), {"app_password": "sand-box0-bsky-pass"}
    faults = "bluesky:expired,bluesky:reorder,bluesky:unknown_key"
    with running(
        tmp_path / "out", seed=5, days=90, scale=0.2, last_day=last, faults=faults
    ) as sandbox:
        url, settings = f"{sandbox.url}/bluesky", {"handle": HANDLE}
        client = bluesky.connect(Account("bluesky", url, settings, secrets))
        client._sleep = lambda _seconds: None
        found = pages(bluesky.posts, client, **settings)
        landed, rows = load(bluesky.posts, found, tmp_path, db)
        read = pages(bluesky.profiles, client, **settings)
        _, counts = load(bluesky.profiles, read, tmp_path, db)
        company = sandbox.company

    posts = [p for p in posts_on(company, "bluesky") if p.published_at < cutoff(last)]
    figures = sorted(totals(post, last)[1:4] for post in posts)
    assert landed.drift == ("sandboxNews",)
    assert len(rows) == len(posts) > bluesky.LISTED
    counted = ((r["likes"], r["replies"], r["reposts"] + r["quotes"]) for r in rows)
    assert sorted(counted) == figures
    assert counts[0]["followers"] == followers_on(company, "bluesky", last)
    links = [row["text"] for row in rows if "?utm_source=bluesky&utm_campaign=" in row["text"]]
    assert len(links) == sum(post.campaign is not None for post in posts) > 0
