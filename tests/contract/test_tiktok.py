"""TikTok accounts against scripted answers: codes in a 200, sixty days, renewal, idle videos."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Window
from extractors.sources import tiktok
from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.serve import running
from sandbox.servers.tiktok import ACCOUNT, CREDENTIALS
from tests.conftest import Platform
from tests.contract.cases import SECRETS, TOKEN, Case, connect, load, pages, scan

GIVEN = {"code": 0, "message": "OK", "data": {"access_token": TOKEN, "refresh_token": "rotated"}}
BEFORE = {"/token": GIVEN}


def good(**data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "OK", "request_id": "1", "data": data}


NO_VIDEO = good(videos=[], has_more=False, cursor=0)
CASES = [
    Case(tiktok, tiktok.profile_days, tiktok.PROFILE, good(metrics=[]), BEFORE),
    Case(tiktok, tiktok.videos, tiktok.VIDEOS, NO_VIDEO, BEFORE),
]


@pytest.fixture
def own(platform: Platform) -> Client:
    platform.says("/token", GIVEN)
    return connect(tiktok, platform.url, [])


def video(number: str, **more: Any) -> dict[str, Any]:
    return {
        "item_id": number,
        "create_time": "1771581600",
        "media_type": "VIDEO",
        "caption": "Thanks @ada.example https://a.example/?utm_campaign=care",
        "share_url": f"https://www.tiktok.com/@acme/video/{number}",
        "video_views": 5210,
        "likes": 214,
        "comments": 9,
        "shares": 12,
        "favorites": 20,
        "reach": 4801,
        "website_clicks": 3,
        **more,
    }


def test_videos_are_followed_by_cursor_and_an_idle_one_has_no_reach(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    idle = {name: value for name, value in video("73").items() if name != "reach"}
    platform.says(tiktok.VIDEOS, good(videos=[video("74")], has_more=True, cursor=1763640000000))
    platform.says(tiktok.VIDEOS, good(videos=[idle], has_more=False, cursor=1763640000001))

    landed, rows = load(tiktok.videos, pages(tiktok.videos, own), tmp_path, db)

    first, second = platform.asked(tiktok.VIDEOS)
    assert (first["business_id"], first["max_count"]) == ("7", "20")
    assert "reach" in json.loads(first["fields"])
    assert second["cursor"] == "1763640000000"
    assert platform.calls[-1].headers["access-token"] == TOKEN
    assert landed.drift == ()
    assert [(row["video_id"], row["reach"], row["likes"]) for row in rows] == [
        ("73", None, 214),
        ("74", 4801, 214),
    ]
    assert (rows[0]["account_id"], rows[0]["read_on"]) == ("7", date(2026, 3, 2))
    assert rows[0]["published_seconds"] == 1771581600
    assert rows[0]["caption"] == "Thanks @person https://a.example/?utm_campaign=care"


def test_days_are_asked_for_no_further_back_than_the_platform_answers(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    days = [
        {"date": "2026-02-24", "daily_total_followers": 10231},
        {"date": "2026-02-25", "daily_total_followers": None},
    ]
    platform.says(tiktok.PROFILE, good(metrics=days))

    _, rows = load(tiktok.profile_days, pages(tiktok.profile_days, own), tmp_path, db)
    year = Scan(Window.of(date(2025, 3, 1), date(2026, 2, 26), "UTC"), None, {"account": "7"})
    pages(tiktok.profile_days, own, asked=year)

    asked = [(one["start_date"], one["end_date"]) for one in platform.asked(tiktok.PROFILE)]
    assert asked == [("2026-02-20", "2026-02-26"), ("2025-12-29", "2026-02-26")]
    assert [tuple(row.values()) for row in rows] == [
        ("7", date(2026, 2, 24), 10231),
        ("7", date(2026, 2, 25), None),
    ]


def test_a_token_of_a_day_is_fetched_and_a_new_refresh_token_kept(platform: Platform) -> None:
    kept: list[Any] = []
    platform.says("/token", GIVEN)
    platform.says(tiktok.VIDEOS, {"code": 40102, "message": "expired"}, NO_VIDEO)
    settings = {"token_url": f"{platform.url}/token"}
    secrets = {**SECRETS, "refresh_token": "first"}
    client = tiktok.connect(Account("tiktok", platform.url, settings, secrets, kept.append))

    pages(tiktok.videos, client)

    asked = [orjson.loads(call.body) for call in platform.calls if call.path == "/token"]
    assert [one["refresh_token"] for one in asked] == ["first", "rotated"]
    assert asked[0]["grant_type"] == "refresh_token"
    assert kept == [{"refresh_token": "rotated"}]
    assert len(platform.asked(tiktok.VIDEOS)) == 2


def test_a_refused_renewal_names_its_code_and_no_secret(platform: Platform) -> None:
    platform.says("/token", {"code": 40107, "message": "bad refresh-token-x", "data": {}})

    with pytest.raises(FatalError) as caught:
        pages(tiktok.videos, connect(tiktok, platform.url, []))

    assert "no new token: 40107 (400)" in str(caught.value)
    assert "refresh-token-x" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (40001, "Give the app the scopes video.list and video.insights"),
        (40002, "answered code 40002. Compare account under tiktok:"),
        (40105, "token refused (401)"),
        (40132, "the calls of this day are used up"),
    ],
)
def test_a_code_with_status_200_is_an_error(
    platform: Platform, own: Client, code: int, text: str
) -> None:
    platform.says(tiktok.VIDEOS, {"code": code, "message": "x", "data": {}})

    with pytest.raises(FatalError) as caught:
        pages(tiktok.videos, own)

    assert text in str(caught.value)


def test_too_many_calls_are_waited_for(platform: Platform) -> None:
    platform.says("/token", GIVEN)
    platform.says(tiktok.VIDEOS, {"code": 40100, "message": "Too many requests"}, NO_VIDEO)
    naps: list[float] = []

    pages(tiktok.videos, connect(tiktok, platform.url, naps))

    assert len(naps) == 1


def test_a_cursor_that_comes_back_is_an_error(platform: Platform, own: Client) -> None:
    platform.says(tiktok.VIDEOS, good(videos=[video("1")], has_more=True, cursor=5))

    with pytest.raises(FatalError, match=r"tiktok\.videos: page 2 leads back"):
        list(islice(tiktok.videos.extract(own, scan()), 9))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    with running(tmp_path / "out", seed=5, days=90, scale=0.2, last_day=last) as sandbox:
        account = Account("tiktok", f"{sandbox.url}/tiktok", {"account": ACCOUNT}, CREDENTIALS)
        client, first = tiktok.connect(account), sandbox.company.first
        asked = Scan(Window.of(first, last, "Europe/Berlin"), None, {"account": ACCOUNT})
        landed, rows = load(tiktok.videos, pages(tiktok.videos, client, asked=asked), tmp_path, db)
        _, days = load(
            tiktok.profile_days, pages(tiktok.profile_days, client, asked=asked), tmp_path, db
        )
        company = sandbox.company

    posts = {p.id: p for p in posts_on(company, "tiktok") if p.published_at < cutoff(last)}
    figures = {number: totals(post, last) for number, post in posts.items()}
    assert landed.drift == ()
    assert len(rows) == len(posts) > 2 * tiktok.LISTED
    found = {r["video_id"]: (r["video_views"], r["likes"], r["comments"], r["shares"],
                             r["website_clicks"]) for r in rows}  # fmt: skip
    assert found == {number: all_[:5] for number, all_ in figures.items()}
    reach = {row["video_id"]: row["reach"] for row in rows}
    known = {number for number, people in reach.items() if people is not None}
    assert 0 < len(known) < len(rows)
    assert all(reach[number] == figures[number][5] for number in known)
    links = [row for row in rows if "utm_campaign=" in row["caption"]]
    assert len(links) == sum(post.campaign is not None for post in posts.values()) > 0
    ready = [last - timedelta(days=n) for n in range(59, 0, -1)]
    assert [(row["metric_date"], row["followers"]) for row in days] == [
        (day, followers_on(company, "tiktok", day)) for day in ready
    ]
