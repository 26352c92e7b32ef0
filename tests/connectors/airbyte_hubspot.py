"""HubSpot through Airbyte's connector, which lists objects with every property."""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "airbyte-source-hubspot"
LOCK = "requirements-airbyte.lock"
SOURCE = "hubspot"
STREAMS = ("contacts", "deals", "deals_archived")
HOSTS = ("api.hubapi.com",)
COMMAND = "source-hubspot"
THEIRS = ("contacts", "deals", "deals_archived")
SAME = (
    "hs_analytics_source",
    "hs_analytics_source_data_1",
    "hs_analytics_source_data_2",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
)
CONTACT = {
    "email": "email",
    "created_at": "createdate",
    "modified_at": "lastmodifieddate",
    "lifecycle_stage": "lifecyclestage",
}
DEAL = {
    "created_at": "createdate",
    "modified_at": "hs_lastmodifieddate",
    "pipeline_id": "pipeline",
    "stage_id": "dealstage",
    "is_closed": "hs_is_closed",
    "is_won": "hs_is_closed_won",
    "closes_at": "closedate",
    "amount": "amount",
    "currency": "deal_currency_code",
}


def config(given: Given) -> dict[str, Any]:
    token = given.secret("access_token")
    kind = "Private App Credentials"
    return {
        "start_date": f"{given.first}T00:00:00Z",
        "credentials": {"credentials_title": kind, "access_token": token},
    }


def rows(found: Found) -> Rows:
    return {
        "contacts": [
            {"contact_id": one["id"], **_picked(one, CONTACT)} for one in found["contacts"]
        ],
        "deals": [{"deal_id": one["id"], **_picked(one, DEAL)} for one in found["deals"]],
        "deals_archived": [
            {"deal_id": one["id"], "archived_at": one["archivedAt"]}
            for one in found["deals_archived"]
        ],
    }


def _picked(one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    properties = one["properties"]
    picked = {ours: properties.get(theirs) for ours, theirs in names.items()}
    return picked | {name: properties.get(name) for name in SAME}
