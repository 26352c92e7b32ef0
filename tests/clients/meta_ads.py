"""Meta ads through Meta's own SDK for Python, figures as a report that it waits for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from tests.clients.script import Given, Rows, main

CLIENT = "facebook-business"
STREAMS = ("accounts", "campaigns", "ad_sets", "ads", "ad_days", "lead_responses")
STATES = ["ACTIVE", "PAUSED", "DELETED", "ARCHIVED"]
FIGURES = {
    "account_id": "account_id",
    "account_currency": "currency",
    "campaign_id": "campaign_id",
    "campaign_name": "campaign_name",
    "adset_id": "ad_set_id",
    "adset_name": "ad_set_name",
    "ad_id": "ad_id",
    "impressions": "impressions",
    "inline_link_clicks": "link_clicks",
    "clicks": "all_clicks",
    "spend": "spend",
}


def read(given: Given) -> Rows:
    FacebookSession.GRAPH = given.url
    token, secret = given.secret("access_token"), given.secret("app_secret")
    FacebookAdsApi.init(app_secret=secret, access_token=token)
    (account,) = User("me").get_ad_accounts(fields=["account_id", "currency", "timezone_name"])
    ads = list(
        account.get_ads(
            fields=[
                "adset_id",
                "campaign_id",
                "creative{effective_object_story_id,effective_instagram_media_id}",
            ],
            params=states("ad"),
        )
    )
    campaigns = account.get_campaigns(fields=["name", "objective"], params=states("campaign"))
    ad_sets = account.get_ad_sets(fields=["name", "campaign_id"], params=states("adset"))
    return {
        "accounts": [
            {
                "account_id": account["account_id"],
                "currency": account["currency"],
                "time_zone": account["timezone_name"],
            }
        ],
        "campaigns": [
            {"campaign_id": row["id"], "name": row["name"], "objective": row["objective"]}
            for row in campaigns
        ],
        "ad_sets": [
            {"ad_set_id": row["id"], "campaign_id": row["campaign_id"], "name": row["name"]}
            for row in ad_sets
        ],
        "ads": [
            {
                "ad_id": row["id"],
                "ad_set_id": row["adset_id"],
                "campaign_id": row["campaign_id"],
                "facebook_post": row["creative"].get("effective_object_story_id"),
                "instagram_post": row["creative"].get("effective_instagram_media_id"),
            }
            for row in ads
        ],
        "ad_days": days(given, account),
        "lead_responses": [
            {
                "lead_id": lead["id"],
                "created_at": lead["created_time"],
                "ad_id": lead["ad_id"],
                "form_id": lead["form_id"],
                "platform": lead["platform"],
            }
            for ad in ads
            for lead in Ad(ad["id"]).get_leads(
                fields=["created_time", "ad_id", "form_id", "platform"], params={"limit": 50}
            )
        ],
    }


def states(level: str) -> dict[str, Any]:
    one = {"field": f"{level}.effective_status", "operator": "IN", "value": STATES}
    return {"filtering": [one], "limit": 25}


def days(given: Given, account: AdAccount) -> Iterator[dict[str, Any]]:
    span = {"since": str(given.first), "until": str(given.last)}
    run = account.get_insights(
        fields=[*FIGURES, "actions", "action_values"],
        params={
            "level": "ad",
            "time_range": span,
            "time_increment": 1,
            "breakdowns": ["publisher_platform"],
            "action_breakdowns": ["action_type"],
            "action_attribution_windows": ["1d_click", "7d_click", "28d_click", "1d_view"],
            "filtering": states("ad")["filtering"],
        },
        is_async=True,
    )
    while run.api_get()["async_percent_completion"] < 100:
        time.sleep(0.1)
    for row in run.get_insights(params={"limit": 100}):
        figures = {ours: row.get(theirs) for theirs, ours in FIGURES.items()}
        lists = {
            name: json.dumps([dict(one) for one in row[name]]) if row.get(name) else None
            for name in ("actions", "action_values")
        }
        place = {
            "metric_date": row["date_start"],
            "publisher_platform": row["publisher_platform"],
        }
        yield {**figures, **lists, **place}


if __name__ == "__main__":
    main(read)
