"""LinkedIn ads through Airbyte's connector: the structure.

Its figures end in an error of its own before any call: the release on PyPI hands its framework
`fields` as a list, which every framework that it may be installed with refuses.
"""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "airbyte-source-linkedin-ads"
LOCK = "requirements-airbyte.lock"
SOURCE = "linkedin_ads"
STREAMS = ("accounts", "campaign_groups", "campaigns", "creatives")
HOSTS = ("api.linkedin.com",)
COMMAND = "source-linkedin-ads"
THEIRS = ("accounts", "campaign_groups", "campaigns", "creatives")


def config(given: Given) -> dict[str, Any]:
    token = given.secret("access_token")
    return {
        "start_date": str(given.first),
        "credentials": {"auth_method": "access_token", "access_token": token},
    }


def rows(found: Found) -> Rows:
    return {
        "accounts": [
            {"account_id": one["id"], "currency": one["currency"]} for one in found["accounts"]
        ],
        "campaign_groups": [
            {"campaign_group_id": one["id"], "name": one["name"]}
            for one in found["campaign_groups"]
        ],
        "campaigns": [
            {
                "campaign_id": one["id"],
                "campaign_group": one["campaignGroup"],
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
    }
