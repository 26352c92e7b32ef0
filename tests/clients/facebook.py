"""Facebook pages through Meta's own SDK: as the page, whose token the system user is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.api import FacebookAdsApi

from tests.clients.script import Given, Rows, main

CLIENT = "facebook-business"
STREAMS = ("posts", "page_days")
HOSTS = ("graph.facebook.com",)
FIELDS = [
    "created_time",
    "message",
    "permalink_url",
    "status_type",
    "attachments{media_type,unshimmed_url}",
    "shares",
    "comments.limit(0).summary(true)",
]
METRICS = {
    "media_views": "post_media_view",
    "people_who_viewed": "post_total_media_view_unique",
    "clicks": "post_clicks",
    "video_views": "post_video_views",
}
BY_KIND = ["post_clicks_by_type", "post_reactions_by_type_total"]


def read(given: Given) -> Rows:
    secret, number = given.secret("app_secret"), given.setting("page")
    FacebookAdsApi.init(access_token=given.secret("access_token"), app_secret=secret)
    token = Page(number).api_get(fields=["access_token"])["access_token"]
    FacebookAdsApi.init(access_token=token, app_secret=secret)
    page = Page(number)
    posts = page.get_published_posts(fields=FIELDS, params={"limit": 100})
    return {
        "posts": [_post(post, number) for post in posts],
        "page_days": list(_days(page, given)),
    }


def _post(post: PagePost, page: str) -> dict[str, Any]:
    asked = {"metric": [*METRICS.values(), *BY_KIND], "period": "lifetime"}
    found = {m["name"]: m["values"][0]["value"] for m in post.get_insights(params=asked)}
    attached = post["attachments"]["data"][0]
    return {
        "post_id": post["id"],
        "page_id": page,
        "published_at": post["created_time"],
        "permalink": post["permalink_url"],
        "status_type": post["status_type"],
        "media_type": attached["media_type"],
        "link": attached["unshimmed_url"],
        **{ours: found.get(theirs) for ours, theirs in METRICS.items()},
        "link_clicks": found["post_clicks_by_type"].get("link clicks", 0),
        "reactions": sum(found["post_reactions_by_type_total"].values()),
        "comments": post["comments"]["summary"]["total_count"],
        "shares": post["shares"]["count"] if "shares" in post else 0,
    }


def _days(page: Page, given: Given) -> Iterator[dict[str, Any]]:
    first, end = given.first, given.last + timedelta(days=1)
    while first < end:
        last = min(first + timedelta(days=30), end)
        asked = {"metric": "page_follows", "period": "day", "since": str(first), "until": str(last)}
        for metric in page.get_insights(params=asked):
            for value in metric["values"]:
                yield {"page_id": page["id"], "day_end": value["end_time"],
                       "follows": value["value"]}  # fmt: skip
        first = last


if __name__ == "__main__":
    main(read)
