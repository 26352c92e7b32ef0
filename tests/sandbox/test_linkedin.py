"""The fake LinkedIn: both dialects, paging, statistics, credentials and errors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.company import cutoff
from sandbox.serve import Sandbox
from tests.sandbox.conftest import LAST, LINKEDIN, call

URN = quote("urn:li:organization:2414183", safe="")
STATISTICS = "/linkedin/rest/organizationalEntityShareStatistics?q=organizationalEntity"
OF_PAGE = f"{STATISTICS}&organizationalEntity={URN}"


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _interval(first: date, end: date) -> str:
    return f"&timeIntervals=(timeRange:(start:{_ms(first)},end:{_ms(end)}),timeGranularityType:DAY)"


def posts_of(url: str) -> list[dict[str, Any]]:
    """Return all posts, page by page."""
    found, href = [], f"/linkedin/rest/posts?q=author&author={URN}&count=20&start=0"
    while href:
        body = call(url + href, LINKEDIN).body
        found += body["elements"]
        links = [link["href"] for link in body["paging"]["links"] if link["rel"] == "next"]
        href = links[0] if links else ""
    return found


class TestLinkedIn:
    def test_posts_page_to_the_end_newest_first(self, served: Sandbox) -> None:
        posts = posts_of(served.url)
        every = [p for p in served.company.social.posts if p.platform == "linkedin"]
        own = [p for p in every if p.published_at < cutoff(LAST)]

        assert len({p["id"] for p in posts}) == len(posts) == len(own)
        times = [p["publishedAt"] for p in posts]
        assert times == sorted(times, reverse=True)
        assert (
            call(f"{served.url}/linkedin/rest/posts?q=author&author={URN}", LINKEDIN).body[
                "paging"
            ]["count"]
            == 10
        )

    def test_date_header_is_three_in_the_morning_after(self, served: Sandbox) -> None:
        answer = call(f"{served.url}{OF_PAGE}", LINKEDIN)
        assert answer.headers["Date"] == "Wed, 01 Jul 2026 01:00:00 GMT"

    @pytest.mark.parametrize(
        ("change", "status", "sign"),
        [
            ({"Authorization": ""}, 401, "Empty oauth2_access_token"),
            ({"Authorization": "Bearer nonsense"}, 401, "Invalid access token"),
            ({"LinkedIn-Version": ""}, 400, "VERSION_MISSING"),
            ({"LinkedIn-Version": "202301"}, 426, "NONEXISTENT_VERSION"),
        ],
    )
    def test_bad_headers(
        self, served: Sandbox, change: dict[str, Any], status: int, sign: str
    ) -> None:
        answer = call(f"{served.url}{OF_PAGE}", LINKEDIN | change)
        assert answer.status == status == answer.body["status"]
        assert sign in str(answer.body)

    def test_lifetime_is_the_sum_of_days_and_silent_posts_are_left_out(
        self, served: Sandbox
    ) -> None:
        posts = [p["id"] for p in posts_of(served.url)]
        shares = ",".join(quote(p, safe="") for p in posts if ":share:" in p)
        others = ",".join(quote(p, safe="") for p in posts if ":ugcPost:" in p)
        asked = f"{OF_PAGE}&shares=List({shares})&ugcPosts=List({others})"
        lifetime = call(served.url + asked, LINKEDIN).body["elements"]
        span = _interval(LAST - timedelta(days=199), LAST + timedelta(days=1))
        daily = call(served.url + asked + span, LINKEDIN).body["elements"]

        likes: dict[str, int] = {}
        for element in daily:
            name = element.get("share") or element["ugcPost"]
            count = element["totalShareStatistics"]["likeCount"]
            likes[name] = likes.get(name, 0) + count
        totals = {
            e.get("share") or e["ugcPost"]: e["totalShareStatistics"]["likeCount"] for e in lifetime
        }
        assert totals == likes
        assert 0 < len(totals) < len(posts)
        assert "commentMentionsCount" in lifetime[0]["totalShareStatistics"]
        assert "commentMentionsCount" not in daily[0]["totalShareStatistics"]

    def test_page_totals_are_dense_and_posts_are_not(self, served: Sandbox) -> None:
        span = _interval(LAST - timedelta(days=9), LAST + timedelta(days=1))
        elements = call(f"{served.url}{OF_PAGE}{span}", LINKEDIN).body["elements"]
        assert [e["timeRange"]["start"] for e in elements] == [
            _ms(LAST - timedelta(days=n)) for n in range(9, -1, -1)
        ]

    def test_both_dialects_give_the_same(self, served: Sandbox) -> None:
        one = LINKEDIN | {"X-Restli-Protocol-Version": "1.0.0"}
        first, end = LAST - timedelta(days=3), LAST
        dotted = (
            f"&timeIntervals.timeGranularityType=DAY&timeIntervals.timeRange.start={_ms(first)}"
            f"&timeIntervals.timeRange.end={_ms(end)}"
        )
        old = call(f"{served.url}{OF_PAGE}{dotted}", one).body["elements"]
        new = call(f"{served.url}{OF_PAGE}{_interval(first, end)}", LINKEDIN).body["elements"]
        assert old == new
        assert len(new) == 3
        share = next(p["id"] for p in posts_of(served.url) if ":share:" in p["id"])
        indexed = call(f"{served.url}{OF_PAGE}&shares[0]={share}", one).body["elements"]
        listed = call(f"{served.url}{OF_PAGE}&shares=List({quote(share, safe='')})", LINKEDIN).body[
            "elements"
        ]
        assert indexed == listed

    @pytest.mark.parametrize(
        "query",
        [
            "&timeIntervals=%28timeRange%3A%28start%3A1%2Cend%3A2%29%29",
            "&timeIntervals=(timeRange:(start:1,end:2),timeGranularityType:DAY)",
            "&shares=List(urn:li:share:1)",
            f"&shares=List({quote('urn:li:ugcPost:1', safe='')})",
        ],
    )
    def test_wrong_encoding_or_urn_is_400(self, served: Sandbox, query: str) -> None:
        assert call(f"{served.url}{OF_PAGE}{query}", LINKEDIN).status == 400

    def test_a_long_query_may_come_as_a_post(self, served: Sandbox) -> None:
        path, _, query = OF_PAGE.partition("?")
        tunnel = LINKEDIN | {
            "X-HTTP-Method-Override": "GET",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        posted = call(served.url + path, tunnel, query).body
        assert posted == call(f"{served.url}{OF_PAGE}", LINKEDIN).body

    def test_followers_come_two_days_late(self, served: Sandbox) -> None:
        path = OF_PAGE.replace("ShareStatistics", "FollowerStatistics")
        late = _interval(LAST - timedelta(days=5), LAST)
        assert call(served.url + path + late, LINKEDIN).status == 400
        good = _interval(LAST - timedelta(days=5), LAST - timedelta(days=1))
        gains = call(served.url + path + good, LINKEDIN).body["elements"]
        assert len(gains) == 4
        assert "organicFollowerGain" in gains[0]["followerGains"]
        size = f"/linkedin/rest/networkSizes/{URN}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        assert call(served.url + size, LINKEDIN).body["firstDegreeSize"] > 4200
