"""Instagram through Meta's own SDK, as a system user that proves its app."""

from __future__ import annotations

from typing import Any

from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.api import FacebookAdsApi

from tests.clients.script import Given, Rows, main

CLIENT = "facebook-business"
STREAMS = ("media", "stories", "accounts")
HOSTS = ("graph.facebook.com",)
FIELDS = ["caption", "media_type", "media_product_type", "permalink", "timestamp"]
ANY = ["views", "reach", "shares"]
METRICS = {"STORY": [*ANY, "replies"]}
OF_POSTS = [*ANY, "likes", "comments", "saved"]


def read(given: Given) -> Rows:
    token, secret = given.secret("access_token"), given.secret("app_secret")
    FacebookAdsApi.init(access_token=token, app_secret=secret)
    account = IGUser(given.setting("account"))
    followers = account.api_get(fields=["followers_count"])["followers_count"]
    return {
        "media": [_row(one) for one in account.get_media(fields=FIELDS, params={"limit": 100})],
        "stories": [_row(one) for one in account.get_stories(fields=FIELDS)],
        "accounts": [{"account_id": account["id"], "followers": followers}],
    }


def _row(medium: IGMedia) -> dict[str, Any]:
    product = medium["media_product_type"]
    metrics = METRICS.get(product, OF_POSTS)
    found = {m["name"]: m["values"][0]["value"]
             for m in medium.get_insights(params={"metric": metrics})}  # fmt: skip
    return {
        "media_id": medium["id"],
        "published_at": medium["timestamp"],
        "media_type": medium["media_type"],
        "product_type": product,
        "permalink": medium["permalink"],
        **{name: found[name] for name in metrics},
    }


if __name__ == "__main__":
    main(read)
