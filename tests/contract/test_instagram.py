"""Instagram against scripted answers: metrics by kind of medium, stories, what nobody is told."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.graph import RefusedError
from extractors.core.http import Client
from extractors.core.types import Account
from extractors.sources import instagram
from sandbox.company import cutoff, served_at
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.serve import running
from sandbox.servers.instagram import ACCOUNT, CREDENTIALS
from tests.conftest import Platform
from tests.contract.cases import TOKEN, Case, connect, load, pages, scan

MEDIA, STORIES, ME = "/v26.0/7/media", "/v26.0/7/stories", "/v26.0/7"
NONE: dict[str, Any] = {"data": []}
CASES = [
    Case(instagram, instagram.media, MEDIA, NONE),
    Case(instagram, instagram.stories, STORIES, NONE),
    Case(instagram, instagram.accounts, ME, {"id": "7", "followers_count": 9}, is_list=False),
]


@pytest.fixture
def own(platform: Platform) -> Client:
    return connect(instagram, platform.url, [])


def medium(number: str, product: str = "FEED", kind: str = "IMAGE", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "media_type": kind,
        "media_product_type": product,
        "permalink": f"https://www.instagram.com/p/{number}/",
        "timestamp": "2026-02-25T07:56:32+0000",
        **more,
    }


def told(**figures: int) -> dict[str, Any]:
    return {"data": [{"name": name, "period": "lifetime", "values": [{"value": value}]}
                     for name, value in figures.items()]}  # fmt: skip


def failed(code: int, text: str, subcode: int = 0) -> dict[str, Any]:
    return {"error": {"message": text, "code": code, "error_subcode": subcode}}


def test_media_are_read_to_the_last_page_with_the_metrics_of_their_kind(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    link = f"{platform.url}{MEDIA}?access_token={TOKEN}&limit=100&after=a"
    first = {"data": [medium("2", "REELS", "VIDEO", caption="Hi @anna.k!")]}
    platform.says(MEDIA, first | {"paging": {"cursors": {"after": "a"}, "next": link}})
    platform.says(MEDIA, {"data": [medium("1")], "paging": {"cursors": {"after": "b"}}})
    figures = {"views": 90, "reach": 61, "likes": 0, "comments": 1, "saved": 2, "shares": 3}
    platform.says("/v26.0/2/insights", told(**figures, total_interactions=6))
    platform.says("/v26.0/1/insights", told(views=5))

    _, rows = load(instagram.media, pages(instagram.media, own), tmp_path, db)

    assert [row["media_id"] for row in rows] == ["1", "2"]
    one, two = rows
    assert {name: two[name] for name in figures} == figures
    assert (two["caption"], two["product_type"]) == ("Hi @person!", "REELS")
    assert (one["views"], one["reach"], one["likes"], one["caption"]) == (5, None, None, None)
    assert str(one["published_at"]) == "2026-02-25 07:56:32+00:00"
    assert {(row["account_id"], str(row["read_on"])) for row in rows} == {("7", "2026-03-02")}
    asked, following = platform.asked(MEDIA)
    assert asked["since"] == "1764374400"  # 29 November: 90 days before the end of 26 February
    assert asked["limit"] == "100"
    assert (following["after"], "access_token" in following) == ("a", False)
    (metrics,) = platform.asked("/v26.0/2/insights")
    assert metrics["metric"] == "views,reach,likes,comments,saved,shares"


def test_a_medium_from_before_the_account_was_professional_has_no_metrics(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(MEDIA, {"data": [medium("1"), medium("2", "NEWKIND")]})
    text = "(#100) Media posted before business account conversion"
    platform.says("/v26.0/1/insights", failed(100, text, 2108006), status=400)

    _, rows = load(instagram.media, pages(instagram.media, own), tmp_path, db)

    assert [(row["media_id"], row["views"], row["likes"]) for row in rows] == [
        ("1", None, None),
        ("2", None, None),
    ]
    assert platform.asked("/v26.0/2/insights") == [], "of a kind that is new nothing is asked"


def test_a_metric_that_is_refused_is_an_error(platform: Platform, own: Client) -> None:
    platform.says(MEDIA, {"data": [medium("1")]})
    platform.says("/v26.0/1/insights", failed(100, "must be a valid insights metric"), status=400)
    with pytest.raises(RefusedError, match=r"instagram\.media: GET .* is refused \(code 100\)"):
        pages(instagram.media, own)


def test_a_story_that_few_saw_has_no_metrics_and_another_has_its_own(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(STORIES, {"data": [medium("1", "STORY"), medium("2", "STORY", "VIDEO")]})
    text = "(#10) Not enough viewers for the media to show insights"
    platform.says("/v26.0/1/insights", failed(10, text), status=400)
    platform.says("/v26.0/2/insights", told(views=70, reach=52, replies=0, shares=2))

    _, rows = load(instagram.stories, pages(instagram.stories, own), tmp_path, db)

    assert [(r["media_id"], r["views"], r["replies"], r["shares"]) for r in rows] == [
        ("1", None, None, None),
        ("2", 70, 0, 2),
    ]
    (asked,) = platform.asked("/v26.0/2/insights")
    assert asked["metric"] == "views,reach,replies,shares"


def test_the_six_hours_readings_of_a_story_leave_the_last_one(
    platform: Platform, own: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(STORIES, {"data": [medium("1", "STORY")]})
    platform.says("/v26.0/1/insights", told(views=40), told(views=70))
    read = [*pages(instagram.stories, own), *pages(instagram.stories, own)]
    _, rows = load(instagram.stories, read, tmp_path, db)
    assert [row["views"] for row in rows] == [70]


def test_a_call_without_its_right_names_it_from_the_code(platform: Platform, own: Client) -> None:
    platform.says(MEDIA, failed(10, "(#10) Application does not have permission"), status=400)
    with pytest.raises(FatalError) as caught:
        pages(instagram.media, own)
    assert "instagram_manage_insights" in caught.value.do


def test_a_page_loop_ends_with_an_error(platform: Platform, own: Client) -> None:
    link = f"{platform.url}{MEDIA}?after=a"
    platform.says(MEDIA, {"data": [], "paging": {"next": link}})
    with pytest.raises(FatalError, match=r"instagram\.media: page 2 leads back"):
        list(islice(instagram.media.extract(own, scan()), 9))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instagram, "LISTED", 10)
    last = date(2026, 6, 30)
    faults = "instagram:expired,instagram:reorder"
    with running(
        tmp_path / "out", seed=5, days=300, scale=0.2, last_day=last, faults=faults,
        sources=("instagram",),
    ) as sandbox:  # fmt: skip
        url = f"{sandbox.url}/instagram"
        client = instagram.connect(Account("instagram", url, {}, CREDENTIALS))
        of = {"account": ACCOUNT, "post_days": "700"}
        landed, rows = load(instagram.media, pages(instagram.media, client, **of), tmp_path, db)
        _, live = load(instagram.stories, pages(instagram.stories, client, **of), tmp_path, db)
        _, counts = load(instagram.accounts, pages(instagram.accounts, client, **of), tmp_path, db)
        company = sandbox.company

    end = cutoff(last)
    posts = {
        p.id: totals(p, last)
        for p in company.social.posts
        if p.platform == "instagram" and p.published_at < end
    }
    assert len(posts) > 10, "more than one page"
    found = {
        row["media_id"]: (row["views"], row["likes"], row["comments"], row["shares"], row["reach"])
        for row in rows
    }
    assert found == {
        name: (figures[0], figures[1], figures[2], figures[3], figures[5])
        for name, figures in posts.items()
    }
    assert landed.drift == ()
    assert not any("mara" in (row["caption"] or "") for row in rows)
    now = served_at(last)
    shown = [p for p in posts_on(company, "instagram stories")
             if now - timedelta(hours=24) < p.published_at <= now]  # fmt: skip
    assert [row["media_id"] for row in live] == [post.id for post in shown]
    assert counts[0]["followers"] == followers_on(company, "instagram", last)
