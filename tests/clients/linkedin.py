"""LinkedIn pages through LinkedIn's own client, which encodes Rest.li in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from linkedin_api.clients.restli.client import RestliClient

from tests.clients.script import Given, Rows, main

CLIENT = "linkedin-api-client"
STREAMS = (
    "posts",
    "post_statistics",
    "post_statistics_daily",
    "follower_gains",
    "follower_totals",
    "page_statistics",
)
HOSTS = ("api.linkedin.com",)
VERSION = "202609"
VIEWS = {
    "views": "allPageViews",
    "overview_views": "overviewPageViews",
    "about_views": "aboutPageViews",
    "careers_views": "careersPageViews",
    "jobs_views": "jobsPageViews",
    "life_at_views": "lifeAtPageViews",
}
KINDS = {"shares": "urn:li:share:", "ugcPosts": "urn:li:ugcPost:"}
COUNTS = {
    "impressions": "impressionCount",
    "unique_impressions": "uniqueImpressionsCount",
    "clicks": "clickCount",
    "likes": "likeCount",
    "comments": "commentCount",
    "shares": "shareCount",
}


class Page:
    """One organisation and its figures."""

    def __init__(self, given: Given) -> None:
        self._client, self._token = RestliClient(), given.secret("access_token")
        self._urn = f"urn:li:organization:{given.setting('organization')}"

    def find(self, path: str, name: str, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.finder(
            resource_path=path,
            finder_name=name,
            query_params=asked,
            access_token=self._token,
            version_string=VERSION,
        ).elements
        return found

    def posts(self) -> Iterator[dict[str, Any]]:
        start = 0
        while found := self.find("/posts", "author", author=self._urn, start=start, count=50):
            yield from found
            start += len(found)

    def about(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        return self.find(path, "organizationalEntity", organizationalEntity=self._urn, **asked)

    def views(self, **asked: Any) -> list[dict[str, Any]]:
        path = "/organizationPageStatistics"
        return self.find(path, "organization", organization=self._urn, **asked)

    def statistics(self, ids: list[str], **asked: Any) -> Iterator[dict[str, Any]]:
        for name, kind in KINDS.items():
            own = [one for one in ids if one.startswith(kind)]
            for first in range(0, len(own), 20):
                batch = {name: own[first : first + 20]}
                yield from self.about("/organizationalEntityShareStatistics", **batch, **asked)

    def followers(self) -> dict[str, Any]:
        reply = self._client.get(
            resource_path="/networkSizes/{urn}",
            path_keys={"urn": self._urn},
            query_params={"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"},
            access_token=self._token,
            version_string=VERSION,
        )
        return {"account": self._urn, "followers": reply.entity["firstDegreeSize"]}


def read(given: Given) -> Rows:
    page = Page(given)
    posts = list(page.posts())
    ids = [post["id"] for post in posts if post["lifecycleState"] == "PUBLISHED"]
    days = _days(given.first, given.last + timedelta(days=1))
    late = _days(given.first, given.last - timedelta(days=1))
    gains = page.about("/organizationalEntityFollowerStatistics", timeIntervals=late)
    return {
        "posts": [
            {
                "post_id": post["id"],
                "author": post["author"],
                "published_ms": post["publishedAt"],
                "lifecycle_state": post["lifecycleState"],
                "content_kind": min(post.get("content") or {}, default=None),
                "media_id": _inner(post, "content", "media", "id"),
                "article_url": _inner(post, "content", "article", "source"),
                "landing_page_url": post.get("contentLandingPage"),
            }
            for post in posts
        ],
        "post_statistics": map(_counts, page.statistics(ids)),
        "post_statistics_daily": [
            _counts(one) | {"day_start_ms": one["timeRange"]["start"]}
            for one in page.statistics(ids, timeIntervals=days)
        ],
        "follower_gains": [
            {
                "account": one["organizationalEntity"],
                "day_start_ms": one["timeRange"]["start"],
                "organic_gain": one["followerGains"]["organicFollowerGain"],
                "paid_gain": one["followerGains"]["paidFollowerGain"],
            }
            for one in gains
        ],
        "follower_totals": [page.followers()],
        "page_statistics": map(_views, page.views(timeIntervals=days)),
    }


def _counts(one: dict[str, Any]) -> dict[str, Any]:
    figures = one["totalShareStatistics"]
    return {
        "post_id": one.get("share") or one.get("ugcPost"),
        "account": one["organizationalEntity"],
        **{ours: figures.get(theirs) for ours, theirs in COUNTS.items()},
    }


def _views(one: dict[str, Any]) -> dict[str, Any]:
    figures = one["totalPageStatistics"]["views"]
    return {
        "account": one["organization"],
        "day_start_ms": one["timeRange"]["start"],
        "unique_views": figures["allPageViews"]["uniquePageViews"],
        **{ours: figures[theirs]["pageViews"] for ours, theirs in VIEWS.items()},
    }


def _days(first: date, end: date) -> dict[str, Any]:
    bounds = [int(datetime.combine(day, time(), UTC).timestamp()) * 1000 for day in (first, end)]
    return {
        "timeRange": {"start": bounds[0], "end": bounds[1]},
        "timeGranularityType": "DAY",
    }


def _inner(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if value else None
    return value


if __name__ == "__main__":
    main(read)
