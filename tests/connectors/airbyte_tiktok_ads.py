"""TikTok ads through Airbyte's connector: the structure.

Its reports ask for over a hundred metrics of games, films and shops that the simulated company has
not; the platform's own SDK compares the figures.
"""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "airbyte-source-tiktok-marketing"
LOCK = "requirements-airbyte.lock"
SOURCE = "tiktok_ads"
STREAMS = ("campaigns", "ad_groups", "ads")
HOSTS = ("business-api.tiktok.com",)
COMMAND = "source-tiktok-marketing"
THEIRS = ("campaigns", "ad_groups", "ads")
COLUMNS = {
    "campaigns": ("campaign_id", "advertiser_id", "campaign_name", "objective_type"),
    "ad_groups": (
        *("adgroup_id", "campaign_id", "adgroup_name"),
        *("click_attribution_window", "view_attribution_window"),
    ),
    "ads": ("ad_id", "adgroup_id", "campaign_id"),
}


def config(given: Given) -> dict[str, Any]:
    return {
        "start_date": str(given.first),
        "end_date": str(given.last),
        "include_deleted": True,
        "credentials": {
            "auth_type": "oauth2.0",
            "app_id": "7400000000000000001",
            "secret": "sandbox-tiktok-secret",
            "access_token": given.secret("access_token"),
            "advertiser_id": given.setting("advertiser"),
        },
    }


def rows(found: Found) -> Rows:
    return {
        name: [{column: one[column] for column in columns} for one in found[name]]
        for name, columns in COLUMNS.items()
    }
