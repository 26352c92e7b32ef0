"""X against scripted answers: tokens of pages, thirty private days, partial errors, caps."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.types import Account
from extractors.sources import x
from sandbox.company import cutoff, served_at
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.serve import running
from sandbox.servers.x import CREDENTIALS
from tests.conftest import Platform
from tests.contract.cases import Case, connect, load, pages, scan

POSTS = "/2/users/7/tweets"
ME = {"data": {"id": "7", "username": "acme", "public_metrics": {"followers_count": 1024}}}
BEFORE = {x.ME: ME}
NONE = {"meta": {"result_count": 0}}
CASES = [
    Case(x, x.posts, POSTS, NONE, BEFORE),
    Case(x, x.accounts, x.ME, ME, is_list=False),
]
OLD, YOUNG = "2026-01-31T12:04:59.000Z", "2026-01-31T12:05:00.000Z"  # of 2 March, 12:00


@pytest.fixture
def own(platform: Platform) -> Client:
    platform.says(x.ME, ME)
    return connect(x, platform.url, [])


def post(number: str, created_at: str = OLD, **more: Any) -> dict[str, Any]:
    counts = {
        "retweet_count": 2,
        "reply_count": 1,
        "like_count": 14,
        "quote_count": 3,
        "bookmark_count": 0,
        "impression_count": 2210,
    }
    return {
        "id": number,
        "text": "Hello",
        "author_id": "7",
        "created_at": created_at,
        "edit_history_tweet_ids": [number],
        "public_metrics": counts,
        **more,
    }


def page(*posts: dict[str, Any], following: str | None = None, **more: Any) -> dict[str, Any]:
    meta: dict[str, Any] = {"result_count": len(posts)}
    return {"data": [*posts], "meta": meta | ({"next_token": following} if following else {}),
            **more}  # fmt: skip


def read(client: Client, root: Path, db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return load(x.posts, pages(x.posts, client), root, db)[1]


def test_the_timeline_is_followed_by_its_token(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(POSTS, page(post("2"), following="7140dibd"), page(post("1")))

    rows = read(own, tmp_path, db)

    first, second = platform.asked(POSTS)
    assert first["max_results"] == "100"
    assert first["exclude"] == "retweets,replies"
    assert first["start_time"] == "2025-12-02T12:00:00Z"  # 90 days before the platform's clock
    assert "pagination_token" not in first
    assert second == {**first, "pagination_token": "7140dibd"}
    assert [row["post_id"] for row in rows] == ["1", "2"]
    assert [rows[0][n] for n in ("likes", "replies", "reposts", "quotes", "impressions")] == [
        *(14, 1, 2, 3, 2210)
    ]
    assert (rows[0]["read_on"], rows[0]["bookmarks"]) == (date(2026, 3, 2), 0)
    assert x.LOOKUP not in {call.path for call in platform.calls}  # nothing is young here


def test_private_figures_are_asked_for_thirty_days_and_marked(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(POSTS, page(post("1"), post("2", YOUNG), post("3", YOUNG), post("4", YOUNG)))
    clicks = {"impression_count": 2210, "url_link_clicks": 31, "user_profile_clicks": 4}
    refused = {
        "resource_id": "4",
        "field": "non_public_metrics",
        "title": "Field Authorization Error",
    }
    platform.says(
        x.LOOKUP,
        {
            "data": [
                {"id": "2", "non_public_metrics": clicks, "organic_metrics": clicks},
                {"id": "3", "non_public_metrics": {"impression_count": 5}},
            ],
            "errors": [refused],
        },
    )

    rows = read(own, tmp_path, db)

    asked = {"ids": "2,3,4", "tweet.fields": "non_public_metrics,organic_metrics"}
    assert platform.asked(x.LOOKUP) == [asked]
    found = [(r["in_private_window"], r["link_clicks"], r["organic_impressions"]) for r in rows]
    assert found == [(False, None, None), (True, 31, 2210), (True, None, None), (True, None, None)]


def test_a_text_has_its_links_as_written_and_no_person(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    url = {"url": "https://t.co/abc", "expanded_url": "https://a.example/?utm_campaign=care"}
    entities = {"urls": [url], "mentions": [{"username": "ada"}]}
    note = {"text": "All of it, @ada: https://t.co/abc", "entities": entities}
    long = post("1", text="All of it…", note_tweet=note)
    short = post("2", text="See https://t.co/abc", entities=entities)
    platform.says(POSTS, page(long, short))

    assert [row["text"] for row in read(own, tmp_path, db)] == [
        "All of it, @person: https://a.example/?utm_campaign=care",
        "See https://a.example/?utm_campaign=care",
    ]


def test_media_beside_the_posts_give_kind_and_views(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    media = [
        {"media_key": "3_1", "type": "photo"},
        {"media_key": "13_2", "type": "video", "public_metrics": {"view_count": 70}},
        {"media_key": "13_3", "type": "video", "public_metrics": {"view_count": 7}},
    ]
    one = post("1", attachments={"media_keys": ["3_1"]})
    two = post("2", attachments={"media_keys": ["13_2", "13_3", "13_9"]})
    platform.says(POSTS, page(one, two, post("3"), includes={"media": media}))

    found = [(row["media_type"], row["video_views"]) for row in read(own, tmp_path, db)]
    assert found == [("photo", None), ("video", 77), (None, None)]


def test_an_error_inside_a_good_answer_is_no_empty_timeline(
    platform: Platform, own: Client
) -> None:
    platform.says(POSTS, {"errors": [{"title": "Not Found Error", "resource_type": "user"}]})
    with pytest.raises(FatalError, match="gave no list of objects under 'data'"):
        pages(x.posts, own)


@pytest.mark.parametrize(
    ("status", "body", "do"),
    [
        (429, {"title": "UsageCapExceeded", "period": "Monthly"}, "Raise the cap"),
        (402, {"title": "CreditsDepleted"}, "Buy credits"),
    ],
)
def test_what_no_waiting_helps_against_ends_at_once(
    platform: Platform, own: Client, status: int, body: Any, do: str
) -> None:
    platform.says(POSTS, body, status=status)
    with pytest.raises(FatalError) as caught:
        pages(x.posts, own)
    assert do in caught.value.do
    assert len(platform.asked(POSTS)) == 1


def test_a_used_up_quota_is_waited_for_until_its_epoch_second(platform: Platform) -> None:
    naps: list[float] = []
    used_up = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1772453100"}  # 12:05
    platform.says(x.ME, ME, headers=used_up)
    platform.says(POSTS, NONE)

    pages(x.posts, connect(x, platform.url, naps))

    assert naps == [301.0]


def test_a_token_of_two_hours_is_renewed_and_the_rotated_one_kept(platform: Platform) -> None:
    platform.says(x.ME, {"title": "Unauthorized"}, status=401)
    platform.says(x.ME, ME)
    platform.says("/renew", {"access_token": "new", "refresh_token": "r2", "expires_in": 7200})
    kept: list[dict[str, str]] = []
    secrets = {"access_token": "old", "refresh_token": "r1", "client_id": "i", "client_secret": "s"}
    settings = {"token_url": f"{platform.url}/renew"}
    account = Account("x", platform.url, settings, secrets, lambda t: kept.append(dict(t)))

    pages(x.accounts, x.connect(account))

    assert kept == [{"refresh_token": "r2"}]
    (renewal,) = [call for call in platform.calls if call.path == "/renew"]
    assert renewal.headers["authorization"].startswith("Basic ")
    assert "refresh_token=r1" in renewal.body
    sent = [call.headers["authorization"] for call in platform.calls if call.path == x.ME]
    assert sent == ["Bearer old", "Bearer new"]


def test_a_page_loop_ends_with_an_error(platform: Platform, own: Client) -> None:
    platform.says(POSTS, page(post("1"), following="a"))
    with pytest.raises(FatalError, match=r"x\.posts: page 2 leads back"):
        list(islice(x.posts.extract(own, scan()), 9))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    faults = "x:expired,x:reorder,x:unknown_key"
    with running(
        tmp_path / "out", seed=5, days=90, scale=0.2, last_day=last, faults=faults
    ) as sandbox:
        url, settings = f"{sandbox.url}/x", {"token_url": f"{sandbox.url}/x/2/oauth2/token"}
        client = x.connect(Account("x", url, settings, CREDENTIALS))
        found = pages(x.posts, client, post_days="400")
        landed, rows = load(x.posts, found, tmp_path, db)
        _, counts = load(x.accounts, pages(x.accounts, client), tmp_path, db)
        company = sandbox.company

    posts = {p.id: p for p in posts_on(company, "x") if p.published_at < cutoff(last)}
    figures = {number: totals(one, last) for number, one in posts.items()}
    assert landed.drift == ("sandboxNews",)
    assert {r["post_id"] for r in rows} == set(posts)
    assert len(rows) > x.LISTED
    for row in rows:
        seen = (row["impressions"], row["likes"], row["replies"], row["reposts"] + row["quotes"])
        assert seen == figures[row["post_id"]][:4]
    assert counts[0]["followers"] == followers_on(company, "x", last)
    since = served_at(last) - timedelta(days=30)
    young = {n for n, one in posts.items() if one.published_at > since + timedelta(minutes=5)}
    assert {r["post_id"] for r in rows if r["in_private_window"]} == young
    linked = {n: figures[n][4] for n in young if posts[n].campaign}
    clicks = {r["post_id"]: r["link_clicks"] for r in rows if r["link_clicks"] is not None}
    assert clicks == linked
    assert 0 < len(linked) < len(young) < len(rows)
