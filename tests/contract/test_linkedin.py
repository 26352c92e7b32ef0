"""LinkedIn pages against scripted answers: paging, two bases, bounds of days, text of posts."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError, RetriableError
from extractors.core.types import Account, Scan, Window
from extractors.sources import linkedin
from tests.conftest import Platform
from tests.contract.cases import Case, connect, load, pages, scan

DAY = 1771545600000  # 2026-02-20 00:00 UTC
GAINS = "/rest/organizationalEntityFollowerStatistics"
URN = "urn:li:organization:7"
NETWORK = "/rest/networkSizes/urn%3Ali%3Aorganization%3A7"
SHARE = {"id": "urn:li:share:1", "lifecycleState": "PUBLISHED"}
LISTING = {"/rest/posts": {"elements": [SHARE]}}
NONE: dict[str, Any] = {"elements": [], "paging": {"links": []}}
CASES = [
    Case(linkedin, linkedin.posts, "/rest/posts", NONE),
    Case(linkedin, linkedin.post_statistics, linkedin.STATISTICS, NONE, LISTING),
    Case(linkedin, linkedin.post_statistics_daily, linkedin.STATISTICS, NONE, LISTING),
    Case(linkedin, linkedin.follower_gains, GAINS, NONE, {NETWORK: {"firstDegreeSize": 5}}),
    Case(
        linkedin, linkedin.page_statistics, linkedin.VIEWS, NONE, {NETWORK: {"firstDegreeSize": 5}}
    ),
    Case(linkedin, linkedin.follower_totals, NETWORK, {"firstDegreeSize": 5}, is_list=False),
]


def listing(*posts: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    links = [{"type": "application/json", "rel": "next", "href": following}] if following else []
    return {"paging": {"start": 0, "count": 100, "links": links}, "elements": list(posts)}


def post(urn: str, **more: Any) -> dict[str, Any]:
    return {"id": urn, "author": URN, "lifecycleState": "PUBLISHED", "publishedAt": DAY, **more}


def counted(urn: str, day: int | None = None, **counts: Any) -> dict[str, Any]:
    span = {} if day is None else {"timeRange": {"start": day, "end": day + 86400000}}
    kind = urn.split(":")[2]
    return {"organizationalEntity": URN, kind: urn, **span, "totalShareStatistics": counts}


def test_posts_are_followed_to_the_end_through_host_relative_links(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(
        "/rest/posts",
        listing(post("urn:li:share:1"), following="/rest/posts?q=author&start=1"),
        listing(post("urn:li:ugcPost:2")),
    )

    _, rows = load(linkedin.posts, pages(linkedin.posts, connect(linkedin, platform.url, [])),
                   tmp_path, db)  # fmt: skip

    assert [row["post_id"] for row in rows] == ["urn:li:share:1", "urn:li:ugcPost:2"]
    assert [row["published_ms"] for row in rows] == [DAY, DAY]
    assert platform.asked("/rest/posts") == [
        {"q": "author", "author": URN, "count": "100", "start": "0", "sortBy": "LAST_MODIFIED"},
        {"q": "author", "start": "1"},
    ]


def test_a_repeated_and_a_reordered_page_change_nothing(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    one, two = post("urn:li:share:1"), post("urn:li:share:2")
    platform.says(
        "/rest/posts",
        listing(one, two, following="/rest/posts?start=1"),
        listing(one, two, following="/rest/posts?start=2"),
        listing(two, one),
    )

    landed, rows = load(linkedin.posts, pages(linkedin.posts, connect(linkedin, platform.url, [])),
                        tmp_path, db)  # fmt: skip

    assert landed.rows == 6
    assert [row["post_id"] for row in rows] == ["urn:li:share:1", "urn:li:share:2"]


def test_a_page_loop_ends_with_an_error(platform: Platform) -> None:
    platform.says("/rest/posts", listing(following="/rest/posts?start=1"))

    with pytest.raises(FatalError, match=r"linkedin\.posts: page 2 leads back to a page"):
        list(islice(linkedin.posts.extract(connect(linkedin, platform.url, []), scan()), 9))


def test_a_link_to_another_host_is_refused(platform: Platform, other_platform: Platform) -> None:
    platform.says("/rest/posts", listing(following=f"{other_platform.url}/rest/posts?start=1"))

    with pytest.raises(FatalError, match="a link leads to"):
        pages(linkedin.posts, connect(linkedin, platform.url, []))
    assert other_platform.calls == []


def test_persons_in_a_text_are_left_out_and_links_stay(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    text = (
        "Meet @[Ada Example](urn:li:person:Xy_1) of @[Acme](urn:li:organization:7) "
        "{hashtag|\\#|care} https://a.example/x?utm\\_campaign=care\\_hh"
    )
    platform.says("/rest/posts", listing(post("urn:li:share:1", commentary=text)))

    _, rows = load(linkedin.posts, pages(linkedin.posts, connect(linkedin, platform.url, [])),
                   tmp_path, db)  # fmt: skip

    assert rows[0]["commentary"] == (
        "Meet @person of @[Acme](urn:li:organization:7) "
        "#care https://a.example/x?utm_campaign=care_hh"
    )


def test_an_unknown_field_is_noted_by_name_only(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(
        "/rest/posts", listing(post("urn:li:share:1", mood="secret", visibility="PUBLIC"))
    )

    landed, _ = load(linkedin.posts, pages(linkedin.posts, connect(linkedin, platform.url, [])),
                     tmp_path, db)  # fmt: skip

    assert landed.drift == ("mood",)


def test_totals_are_dated_by_the_platforms_clock(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    shares = [post("urn:li:share:1"), post("urn:li:ugcPost:2"), post("urn:li:share:3")]
    draft = {"id": "urn:li:share:4", "lifecycleState": "DRAFT"}
    platform.says("/rest/posts", listing(*shares, draft))
    one = counted("urn:li:share:1", impressionCount=465, likeCount=-1, commentMentionsCount=0)
    platform.says(
        linkedin.STATISTICS,
        {"elements": [one, counted("urn:li:ugcPost:2", impressionCount="many", clickCount=0)]},
    )

    read = pages(linkedin.post_statistics, connect(linkedin, platform.url, []))
    _, rows = load(linkedin.post_statistics, read, tmp_path, db)

    seen = [(r["post_id"], r["read_on"], r["impressions"], r["likes"], r["clicks"]) for r in rows]
    assert seen == [
        ("urn:li:share:1", date(2026, 3, 2), 465, -1, None),
        ("urn:li:ugcPost:2", date(2026, 3, 2), None, None, 0),  # text is no number, 0 is measured
    ]
    assert platform.asked(linkedin.STATISTICS) == [
        {
            "q": "organizationalEntity",
            "organizationalEntity": URN,
            "shares": "List(urn:li:share:1,urn:li:share:3)",
            "ugcPosts": "List(urn:li:ugcPost:2)",
        }
    ]


def test_days_are_asked_for_as_whole_utc_days_of_the_window(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says("/rest/posts", listing(post("urn:li:share:1")))
    days = [counted("urn:li:share:1", DAY, likeCount=3), counted("urn:li:share:1", DAY + 86400000)]
    platform.says(linkedin.STATISTICS, {"elements": days})

    read = pages(linkedin.post_statistics_daily, connect(linkedin, platform.url, []))
    _, rows = load(linkedin.post_statistics_daily, read, tmp_path, db)

    assert [(r["day_start_ms"], r["likes"]) for r in rows] == [(DAY, 3), (DAY + 86400000, None)]
    (asked,) = platform.asked(linkedin.STATISTICS)
    bounds = "start:1771545600000,end:1772150400000"  # 20 February to before 27 February
    assert asked["timeIntervals"] == f"(timeRange:({bounds}),timeGranularityType:DAY)"


def test_a_long_window_is_asked_in_steps_and_cut_at_the_platforms_history(
    platform: Platform,
) -> None:
    platform.says("/rest/posts", listing(post("urn:li:share:1")))
    platform.says(linkedin.STATISTICS, {"elements": []})
    window = Window.of(date(2024, 1, 1), date(2026, 3, 9), "UTC")

    asked = Scan(window, None, {"organization": "7"})
    pages(linkedin.post_statistics_daily, connect(linkedin, platform.url, []), asked=asked)

    spans = [one["timeIntervals"] for one in platform.asked(linkedin.STATISTICS)]
    assert len(spans) == 4
    assert spans[0].startswith("(timeRange:(start:1741305600000,")  # 360 days before 2 March
    assert spans[-1].endswith("end:1772409600000),timeGranularityType:DAY)")  # 2 March, not 10th


def test_days_can_be_switched_off_where_the_platform_refuses_them(platform: Platform) -> None:
    platform.says("/rest/posts", listing(post("urn:li:share:1")))
    platform.says(linkedin.STATISTICS, {"message": "Parameter 'shares' is invalid"}, status=400)
    client = connect(linkedin, platform.url, [])

    with pytest.raises(FatalError, match="Set post_days: off under linkedin: in"):
        pages(linkedin.post_statistics_daily, client)
    assert pages(linkedin.post_statistics_daily, client, post_days="False") == []


def test_follower_days_end_two_days_before_the_platforms_clock(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(NETWORK, {"firstDegreeSize": 5})
    gain = {"organicFollowerGain": -2, "paidFollowerGain": 5}
    span = {"start": DAY, "end": DAY + 86400000}
    platform.says(
        GAINS,
        {"elements": [{"organizationalEntity": URN, "timeRange": span, "followerGains": gain}]},
    )
    window = Window.of(date(2026, 2, 20), date(2026, 3, 1), "UTC")

    client = connect(linkedin, platform.url, [])
    read = pages(linkedin.follower_gains, client, asked=Scan(window, None, {"organization": URN}))
    _, rows = load(linkedin.follower_gains, read, tmp_path, db)

    assert rows == [{"account": URN, "day_start_ms": DAY, "organic_gain": -2, "paid_gain": 5}]
    (asked,) = platform.asked(GAINS)
    assert asked["timeIntervals"].endswith("end:1772236800000),timeGranularityType:DAY)")


def test_the_follower_total_is_a_reading_of_today(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(NETWORK, {"firstDegreeSize": 219145})

    read = pages(linkedin.follower_totals, connect(linkedin, platform.url, []))
    _, rows = load(linkedin.follower_totals, read, tmp_path, db)

    assert rows == [{"account": URN, "read_on": date(2026, 3, 2), "followers": 219145}]


def test_views_of_the_page_are_counts_of_whole_days_that_the_platform_has(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(NETWORK, {"firstDegreeSize": 5})
    seen = {"allPageViews": {"pageViews": 40, "uniquePageViews": 31}}
    seen["jobsPageViews"] = {"pageViews": 0}
    figures = {"views": seen, "clicks": {"careersPageClicks": {"careersPageJobsClicks": 2}}}
    span = {"start": DAY, "end": DAY + 86400000}
    day = {"organization": URN, "timeRange": span, "totalPageStatistics": figures}
    platform.says(linkedin.VIEWS, {"elements": [day]})
    window = Window.of(date(2026, 2, 20), date(2026, 3, 4), "UTC")

    client = connect(linkedin, platform.url, [])
    asked = Scan(window, None, {"organization": "7"})
    read = pages(linkedin.page_statistics, client, asked=asked)
    landed, rows = load(linkedin.page_statistics, read, tmp_path, db)

    unknown = dict.fromkeys(("overview_views", "about_views", "careers_views", "life_at_views"))
    known = {"views": 40, "unique_views": 31, "jobs_views": 0}  # 0 is measured, NULL is not told
    assert rows == [{"account": URN, "day_start_ms": DAY, **known, **unknown}]
    assert landed.drift == ()
    bounds = "start:1771545600000,end:1772409600000"  # to before 2 March, the platform's today
    assert platform.asked(linkedin.VIEWS) == [
        {
            "q": "organization",
            "organization": URN,
            "timeIntervals": f"(timeRange:({bounds}),timeGranularityType:DAY)",
        }
    ]


def test_a_used_up_day_and_an_old_version_say_what_to_do(platform: Platform) -> None:
    text = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls is reached."
    platform.says("/rest/posts", {"status": 429, "message": text}, status=429)
    with pytest.raises(RetriableError, match=r"the daily quota is used up.*Run again after 00:00"):
        pages(linkedin.posts, connect(linkedin, platform.url, []))

    platform.replies.clear()
    platform.says("/rest/posts", {"code": "NONEXISTENT_VERSION"}, status=426)
    with pytest.raises(FatalError, match="Set api_version under linkedin"):
        pages(linkedin.posts, connect(linkedin, platform.url, []))


def test_an_expired_token_is_renewed_and_a_rotated_one_kept(platform: Platform) -> None:
    platform.says("/rest/posts", {"code": "EXPIRED_ACCESS_TOKEN"}, status=401)
    platform.says("/rest/posts", listing(post("urn:li:share:1")))
    platform.says("/renew", {"access_token": "new", "refresh_token": "r2", "expires_in": 5184000})
    kept: list[dict[str, str]] = []
    secrets = {"access_token": "old", "refresh_token": "r1", "client_id": "i", "client_secret": "s"}
    settings = {"organization": "7", "token_url": f"{platform.url}/renew", "api_version": "202601"}
    account = Account("linkedin", platform.url, settings, secrets, lambda t: kept.append(dict(t)))

    found = pages(linkedin.posts, linkedin.connect(account))

    assert len(found[0].records) == 1
    assert kept == [{"refresh_token": "r2"}]
    sent = [call.headers for call in platform.calls if call.path == "/rest/posts"]
    assert [h["authorization"] for h in sent] == ["Bearer old", "Bearer new"]
    assert sent[0]["linkedin-version"] == "202601"
    assert sent[0]["x-restli-protocol-version"] == "2.0.0"
