"""LinkedIn ads through a Singer tap: the structure, and figures campaign by campaign.

It asks for groups without their states, and so gets none that is archived; campaigns by one call a
page, creatives and figures by one a campaign.
"""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "tap-linkedin-ads"
LOCK = "requirements-tap-linkedin-ads.lock"
SOURCE = "linkedin_ads"
STREAMS = ("accounts", "campaigns", "creatives", "ad_days")
HOSTS = ("api.linkedin.com",)
COMMAND = "tap-linkedin-ads"
THEIRS = ("accounts", "campaigns", "creatives", "ad_analytics_by_creative")
ACCOUNT = "512345678"


def config(given: Given) -> dict[str, Any]:
    return {
        "start_date": f"{given.first}T00:00:00Z",
        "user_agent": "beyond-likes tests",
        "access_token": given.secret("access_token"),
        "accounts": ACCOUNT,
    }


def rows(found: Found) -> Rows:
    """The tap reads the last days of a window again in the next one: one row a creative and day."""
    days = {(one["creative"], one["start_at"]): one for one in found["ad_analytics_by_creative"]}
    return {
        "accounts": [
            {"account_id": one["id"], "currency": one["currency"]} for one in found["accounts"]
        ],
        "campaigns": [
            {
                "campaign_id": one["id"],
                "campaign_group": one["campaign_group"],
                "name": one["name"],
            }
            for one in found["campaigns"]
        ],
        "creatives": [
            {
                "creative": one["id"],
                "campaign": one["campaign"],
                "post": one["content"]["reference"],
            }
            for one in found["creatives"]
        ],
        "ad_days": [
            {
                "creative": one["creative"],
                "day": one["start_at"][:10],
                "account_id": ACCOUNT,
                "impressions": one["impressions"],
                "clicks": one["clicks"],
                "landing_page_clicks": one["landing_page_clicks"],
                "spend": one["cost_in_local_currency"],
                "leads": one["one_click_leads"],
                "conversions": one["external_website_conversions"],
            }
            for one in days.values()
        ],
    }
