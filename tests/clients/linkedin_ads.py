"""LinkedIn ads through LinkedIn's own client, which encodes Rest.li in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from linkedin_api.clients.restli.client import RestliClient

from tests.clients.script import Given, Rows, main

CLIENT = "linkedin-api-client"
STREAMS = (
    "accounts",
    "campaign_groups",
    "campaigns",
    "creatives",
    "ad_days",
    "lead_responses",
)
HOSTS = ("api.linkedin.com",)
VERSION = "202609"
STATES = ["ACTIVE", "ARCHIVED", "CANCELED", "COMPLETED", "DRAFT", "PAUSED", "REMOVED"]
FIGURES = {
    "impressions": "impressions",
    "clicks": "clicks",
    "landing_page_clicks": "landingPageClicks",
    "spend": "costInLocalCurrency",
    "leads": "oneClickLeads",
    "conversions": "externalWebsiteConversions",
}


class Ads:
    """What the token may see of ad accounts."""

    def __init__(self, given: Given) -> None:
        self._client, self._token = RestliClient(), given.secret("access_token")

    def find(self, path: str, name: str, **asked: Any) -> Any:
        return self._client.finder(
            resource_path=path,
            finder_name=name,
            query_params=asked,
            access_token=self._token,
            version_string=VERSION,
        )

    def pages(self, path: str, name: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Follow page tokens, which the client leaves in the answer."""
        while True:
            found = self.find(path, name, pageSize=25, **asked)
            yield from found.elements
            token = found.response.json()["metadata"].get("nextPageToken")
            if not token:
                return
            asked["pageToken"] = token

    def leads(self, urn: str, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        first = 0
        while True:
            found = self.find(
                "/leadFormResponses",
                "owner",
                owner={"sponsoredAccount": urn},
                leadType={"leadType": "SPONSORED"},
                limitedToTestLeads=False,
                submittedAtTimeRange={"start": _millis(start), "end": _millis(end)},
                start=first,
                count=50,
            ).elements
            yield from found
            first += len(found)
            if not found:
                return


def read(given: Given) -> Rows:
    ads = Ads(given)
    accounts = list(ads.pages("/adAccounts", "search"))
    (number,) = [one["id"] for one in accounts]
    urn, home = f"urn:li:sponsoredAccount:{number}", f"/adAccounts/{number}"
    states = {"status": {"values": STATES}}
    figures = ads.find(
        "/adAnalytics",
        "analytics",
        pivot={"value": "CREATIVE"},
        timeGranularity={"value": "DAILY"},
        dateRange={"start": _day(given.first), "end": _day(given.last)},
        accounts=[urn],
        fields=",".join(["pivotValues", "dateRange", *FIGURES.values()]),
    )
    return {
        "accounts": [{"account_id": one["id"], "currency": one["currency"]} for one in accounts],
        "campaign_groups": [
            {"campaign_group_id": one["id"], "name": one["name"]}
            for one in ads.pages(f"{home}/adCampaignGroups", "search", search=states)
        ],
        "campaigns": [
            {
                "campaign_id": one["id"],
                "campaign_group": one["campaignGroup"],
                "name": one["name"],
            }
            for one in ads.pages(f"{home}/adCampaigns", "search", search=states)
        ],
        "creatives": [
            {
                "creative": one["id"],
                "campaign": one["campaign"],
                "post": one["content"]["reference"],
            }
            for one in ads.pages(f"{home}/creatives", "criteria")
        ],
        "ad_days": [
            {
                "creative": one["pivotValues"][0],
                "day": date(**one["dateRange"]["start"]),
                "account_id": number,
                **{ours: one[theirs] for ours, theirs in FIGURES.items()},
            }
            for one in figures.elements
        ],
        "lead_responses": [
            {
                "lead_id": one["id"],
                "account": one["owner"]["sponsoredAccount"],
                "creative": one["associatedEntity"]["associatedCreative"],
                "campaign": one["leadMetadata"]["sponsoredLeadMetadata"]["campaign"],
                "form": one["versionedLeadGenFormUrn"],
                "is_test": one["testLead"],
                "submitted_ms": one["submittedAt"],
            }
            for one in ads.leads(urn, given.start, given.end)
        ],
    }


def _day(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _millis(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) * 1000


if __name__ == "__main__":
    main(read)
