"""TikTok ads through the platform's own SDK for Python, which its repository calls official."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import business_api_client as sdk

from tests.clients.script import Given, Rows, main

CLIENT = "tiktok-business-api-sdk-official"
STREAMS = ("advertisers", "campaigns", "ad_groups", "ads", "ad_days")
NAMES = ("campaign_id", "campaign_name", "adgroup_id", "adgroup_name")
FIGURES = {"conversion": "conversions", "onsite_form": "forms"}
FIGURES |= {name: name for name in ("impressions", "clicks", "spend", *NAMES)}


def read(given: Given) -> Rows:
    configuration = sdk.Configuration()
    configuration.host = given.url
    client = sdk.ApiClient(configuration)
    token, advertiser = given.secret("access_token"), given.setting("advertiser")
    account = sdk.AccountManagementApi(client).advertiser_info([advertiser], token)
    groups = ("click_attribution_window", "view_attribution_window")
    lists: dict[str, tuple[Callable[..., Any], str, tuple[str, ...]]] = {
        "campaigns": (
            sdk.CampaignCreationApi(client).campaign_get,
            "CAMPAIGN_STATUS_ALL",
            ("campaign_id", "advertiser_id", "campaign_name", "objective_type"),
        ),
        "ad_groups": (
            sdk.AdgroupApi(client).adgroup_get,
            "ADGROUP_STATUS_ALL",
            ("adgroup_id", "campaign_id", "adgroup_name", *groups),
        ),
        "ads": (
            sdk.AdApi(client).ad_get,
            "AD_STATUS_ALL",
            ("ad_id", "adgroup_id", "campaign_id", "tiktok_item_id"),
        ),
    }
    found: dict[str, list[dict[str, Any]]] = {
        "advertisers": [
            {name: row[name] for name in ("advertiser_id", "currency", "timezone")}
            for row in account["data"]["list"]
        ],
        "ad_days": list(days(given, sdk.ReportingApi(client), advertiser, token)),
    }
    for name, (call, status, columns) in lists.items():
        rows = paged(call, advertiser, token, filtering={"secondary_status": status})
        found[name] = [{column: row[column] for column in columns} for row in rows]
    return found


def days(given: Given, api: Any, advertiser: str, token: str) -> Iterator[dict[str, Any]]:
    first = given.first
    while first <= given.last:
        last = min(first + timedelta(days=29), given.last)
        for row in paged(
            api.report_integrated_get,
            "BASIC",
            token,
            advertiser_id=advertiser,
            service_type="AUCTION",
            data_level="AUCTION_AD",
            dimensions=["ad_id", "stat_time_day"],
            metrics=list(FIGURES),
            start_date=first.isoformat(),
            end_date=last.isoformat(),
        ):
            values = {
                ours: None if row["metrics"][theirs] == "-" else row["metrics"][theirs]
                for theirs, ours in FIGURES.items()
            }
            place = row["dimensions"]
            named = {"ad_id": place["ad_id"], "day": place["stat_time_day"][:10]}
            yield {**values, **named, "advertiser_id": advertiser}
        first = last + timedelta(days=1)


def paged(call: Callable[..., Any], *given: Any, **more: Any) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        data = call(*given, page=page, page_size=100, **more)["data"]
        yield from data["list"]
        if page >= data["page_info"]["total_page"]:
            return
        page += 1


if __name__ == "__main__":
    main(read)
