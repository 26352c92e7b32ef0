"""Facebook pages against scripted answers: page tokens, retired metrics, days of California."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.graph import RefusedError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Window
from extractors.sources import facebook
from sandbox.company import cutoff
from sandbox.company.networks import followers_on, totals
from sandbox.company.social import FACEBOOK_PAGE
from sandbox.serve import running
from sandbox.servers.facebook import CREDENTIALS
from tests.conftest import Answer, Call, Platform
from tests.contract.cases import TOKEN, Case, connect, load, pages, scan

PAGE, POSTS, DAYS = "/v26.0/7", "/v26.0/7/published_posts", "/v26.0/7/insights"
OF_ONE = "/v26.0/7_1/insights"
BEFORE = {PAGE: {"access_token": "page-token-x", "id": "7"}}
NONE: dict[str, Any] = {"data": []}
CASES = [
    Case(facebook, facebook.posts, POSTS, NONE, BEFORE),
    Case(facebook, facebook.page_days, DAYS, NONE, BEFORE),
]
RETIRED = {"error": {"message": "(#100) The value must be a valid insights metric", "code": 100}}


@pytest.fixture
def own(platform: Platform) -> Client:
    platform.says(PAGE, BEFORE[PAGE])
    return connect(facebook, platform.url, [])


def post(number: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "created_time": "2026-02-25T07:56:32+0000",
        "permalink_url": f"https://www.facebook.com/7/posts/{number}",
        "status_type": "added_photos",
        "comments": {"data": [], "summary": {"total_count": 4, "can_comment": True}},
        **more,
    }


def told(**figures: Any) -> dict[str, Any]:
    return {"data": [{"name": name, "period": "lifetime", "values": [{"value": value}]}
                     for name, value in figures.items()]}  # fmt: skip


def read(own: Client, root: Path, db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return load(facebook.posts, pages(facebook.posts, own), root, db)[1]


def test_posts_are_read_as_the_page_itself_with_kinds_added_up(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    attached = {"media_type": "link", "url": "https://l.facebook.com/l.php?u=x",
                "unshimmed_url": "https://a.example/?utm_campaign=t"}  # fmt: skip
    one = post("7_1", message="Thanks @anna.k!", shares={"count": 3},
               attachments={"data": [attached]})  # fmt: skip
    platform.says(POSTS, {"data": [one, post("7_2")], "paging": {"cursors": {"after": "a"}}})
    clicks = {"link clicks": 8, "photo view": 3, "other clicks": 1}
    platform.says(OF_ONE, told(post_media_view=95, post_total_media_view_unique=61, post_clicks=12,
                               post_clicks_by_type=clicks, post_video_views=0,
                               post_reactions_by_type_total={"like": 31, "love": 4}))  # fmt: skip
    platform.says("/v26.0/7_2/insights", told(post_media_view=0, post_clicks_by_type={},
                                              post_reactions_by_type_total={}))  # fmt: skip

    first, second = read(own, tmp_path, db)

    assert first["message"] == "Thanks @person!"
    assert first["link"] == "https://a.example/?utm_campaign=t"
    assert (first["media_views"], first["people_who_viewed"]) == (95, 61)
    assert (first["clicks"], first["link_clicks"], first["reactions"]) == (12, 8, 35)
    assert (first["comments"], first["shares"], first["page_id"]) == (4, 3, "7")
    assert (second["link_clicks"], second["reactions"], second["shares"]) == (0, 0, 0)
    assert (second["clicks"], second["video_views"], second["message"]) == (None, None, None)
    sent = {call.path: call.headers["authorization"] for call in platform.calls}
    assert sent[PAGE] == f"Bearer {TOKEN}"
    assert {sent[path] for path in (POSTS, OF_ONE)} == {"Bearer page-token-x"}
    assert len(platform.asked(PAGE)) == 1


def test_a_retired_metric_is_null_and_asked_for_no_more(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    def insights(call: Call) -> Answer:
        metrics = call.query["metric"].split(",")
        if "post_clicks" in metrics:
            return Answer(RETIRED, 400)
        return Answer(told(**dict.fromkeys(set(metrics) & {"post_media_view"}, 5)))

    platform.says(POSTS, {"data": [post("7_1"), post("7_2")]})
    for number in ("1", "2"):
        platform.does(f"/v26.0/7_{number}/insights", insights)

    rows = read(own, tmp_path, db)

    assert [(row["media_views"], row["clicks"]) for row in rows] == [(5, None), (5, None)]
    assert len(platform.asked(OF_ONE)) == 7, "all together, then one by one"
    (again,) = platform.asked("/v26.0/7_2/insights")
    assert "post_clicks" not in again["metric"].split(",")


def test_a_post_that_is_gone_is_an_error(platform: Platform, own: Client) -> None:
    platform.says(POSTS, {"data": [post("7_1")]})
    gone = {"error": {"message": "Object does not exist", "code": 100, "error_subcode": 33}}
    platform.says(OF_ONE, gone, status=400)
    with pytest.raises(RefusedError, match=r"is refused \(code 100, subcode 33\)"):
        pages(facebook.posts, own)


def test_a_page_token_that_ended_is_fetched_anew(platform: Platform) -> None:
    ended = {"error": {"message": "Session has expired", "code": 190, "error_subcode": 463}}
    platform.says(PAGE, {"access_token": "old"}, {"access_token": "new"})
    platform.says(POSTS, ended, status=400)
    platform.says(POSTS, NONE)

    pages(facebook.posts, connect(facebook, platform.url, []))

    sent = [call.headers["authorization"] for call in platform.calls if call.path == POSTS]
    assert sent == ["Bearer old", "Bearer new"]


def test_without_the_pages_token_the_right_is_named(platform: Platform) -> None:
    platform.says(PAGE, {"id": "7"})
    with pytest.raises(FatalError, match="no token for page 7") as caught:
        pages(facebook.posts, connect(facebook, platform.url, []))
    assert "pages_show_list" in caught.value.do


def test_a_token_that_may_not_see_the_page_names_the_right(platform: Platform) -> None:
    refused = {"error": {"message": "(#10) permission", "code": 10}}
    platform.says(PAGE, refused, status=400)
    with pytest.raises(FatalError) as caught:
        pages(facebook.posts, connect(facebook, platform.url, []))
    assert str(caught.value) == (
        "facebook.page_token: GET /v26.0/7 is not permitted (403). Give pages_show_list and"
        " pages_read_engagement to the system user, and the page to it as an asset."
    )


@pytest.mark.parametrize("number", [{"changed": True}, 7, "7/../8", None])
def test_an_id_that_is_none_is_never_asked_for(
    platform: Platform, own: Client, number: Any
) -> None:
    platform.says(POSTS, {"data": [post(number)]})
    with pytest.raises(FatalError, match=r"facebook\.posts: an object of a list has no id"):
        pages(facebook.posts, own)


def test_each_page_has_its_own_token(platform: Platform) -> None:
    for page in ("7", "8"):
        platform.says(f"/v26.0/{page}", {"access_token": f"of-{page}"})
        platform.says(f"/v26.0/{page}/published_posts", NONE)
    pages(facebook.posts, connect(facebook, platform.url, []), page="7, 8")
    sent = {call.path: call.headers["authorization"] for call in platform.calls}
    assert sent["/v26.0/8/published_posts"] == "Bearer of-8"
    assert sent[POSTS] == "Bearer of-7"


def test_days_are_asked_for_in_parts_of_ninety(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    values = [
        {"value": 900, "end_time": "2026-02-21T08:00:00+0000"},
        {"value": 903, "end_time": "2026-02-22T08:00:00+0000"},
    ]
    platform.says(DAYS, {"data": [{"name": "page_follows", "period": "day", "values": values}]})
    platform.says(DAYS, NONE)
    asked = Scan(Window.of(date(2025, 11, 1), date(2026, 2, 20), "UTC"), None, {"page": "7"})

    _, rows = load(facebook.page_days, pages(facebook.page_days, own, asked=asked), tmp_path, db)

    assert [(row["page_id"], row["follows"]) for row in rows] == [("7", 900), ("7", 903)]
    assert str(rows[0]["day_end"]) == "2026-02-21 08:00:00+00:00"
    assert [(query["since"], query["until"]) for query in platform.asked(DAYS)] == [
        ("2025-11-01", "2026-01-30"),
        ("2026-01-30", "2026-02-21"),
    ]


def test_a_page_loop_ends_with_an_error(platform: Platform, own: Client) -> None:
    link = f"{platform.url}{POSTS}?after=a"
    platform.says(POSTS, {"data": [], "paging": {"next": link}})
    with pytest.raises(FatalError, match=r"facebook\.posts: page 2 leads back"):
        list(islice(facebook.posts.extract(own, scan()), 9))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook, "LISTED", 10)
    last = date(2026, 6, 30)
    faults = "facebook:expired,facebook:reorder"
    with running(
        tmp_path / "out", seed=5, days=300, scale=0.3, last_day=last, faults=faults,
        sources=("facebook",),
    ) as sandbox:  # fmt: skip
        url, company = f"{sandbox.url}/facebook", sandbox.company
        client = facebook.connect(Account("facebook", url, {}, CREDENTIALS))
        of = {"page": FACEBOOK_PAGE, "post_days": "700"}
        landed, rows = load(facebook.posts, pages(facebook.posts, client, **of), tmp_path, db)
        asked = Scan(Window.of(company.first, last, "Europe/Berlin"), None, of)
        days = pages(facebook.page_days, client, asked=asked)
        _, followed = load(facebook.page_days, days, tmp_path, db)

    posts = {
        p.id: totals(p, last)
        for p in company.social.posts
        if p.platform == "facebook" and p.published_at < cutoff(last)
    }
    assert len(posts) > 10, "more than one page"
    names = ("media_views", "reactions", "comments", "shares", "link_clicks", "people_who_viewed")
    assert {row["post_id"]: tuple(row[name] for name in names) for row in rows} == posts
    assert landed.drift == ()
    assert not any("mara" in row["message"] for row in rows)
    # at three in the morning in Berlin the last day has not ended in California
    assert len(followed) == 299
    assert str(followed[-1]["day_end"]) == "2026-06-30 07:00:00+00:00"
    assert followed[-1]["follows"] == followers_on(company, "facebook", date(2026, 6, 29))
