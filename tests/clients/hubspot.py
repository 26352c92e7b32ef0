"""HubSpot through its own client. It lists whole tables, where we search for what changed.

The simulated company merges no deals, so that deal_merges would be empty on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hubspot import HubSpot
from hubspot.crm.associations.v4.models import (
    BatchInputPublicFetchAssociationsBatchRequest as Fetch,
)
from hubspot.crm.contacts.models import BatchReadInputSimplePublicObjectId as Read

from tests.clients.script import Given, Rows, main

CLIENT = "hubspot-api-client"
STREAMS = (
    "contacts",
    "contact_stage_changes",
    "contact_merges",
    "contacts_archived",
    "deals",
    "deals_archived",
    "deal_stages",
)
HOSTS = ("api.hubapi.com",)
ORIGIN = {
    name: name
    for name in (
        *("hs_analytics_source", "hs_analytics_source_data_1", "hs_analytics_source_data_2"),
        *("utm_source", "utm_medium", "utm_campaign", "utm_content"),
    )
}
CONTACT = ORIGIN | {
    "email": "email",
    "created_at": "createdate",
    "modified_at": "lastmodifieddate",
    "lifecycle_stage": "lifecyclestage",
    "marketingqualifiedlead_at": "hs_v2_date_entered_marketingqualifiedlead",
    "salesqualifiedlead_at": "hs_v2_date_entered_salesqualifiedlead",
    "opportunity_at": "hs_v2_date_entered_opportunity",
    "customer_at": "hs_v2_date_entered_customer",
}
DEAL = ORIGIN | {
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
CLICKS = {"has_facebook_click": "hs_facebook_click_id", "has_google_click": "hs_google_click_id"}
MERGED = "hs_merged_object_ids"


def read(given: Given) -> Rows:
    client = HubSpot(access_token=given.secret("access_token"))
    asked = [*CONTACT.values(), *CLICKS.values(), MERGED]
    contacts = client.crm.contacts.get_all(properties=asked)
    deals = client.crm.deals.get_all(properties=[*DEAL.values()])
    linked = _linked(client, [deal.id for deal in deals])
    return {
        "contacts": [
            {"contact_id": one.id, **_picked(one, CONTACT)}
            | {ours: bool(one.properties.get(theirs)) for ours, theirs in CLICKS.items()}
            for one in contacts
        ],
        "contact_stage_changes": _stages(client, [one.id for one in contacts]),
        "contact_merges": _merges(contacts),
        "contacts_archived": [
            {"contact_id": one.id, "archived_at": one.archived_at}
            for one in client.crm.contacts.get_all(archived=True)
        ],
        "deals": [
            {
                "deal_id": deal.id,
                **_picked(deal, DEAL),
                "contact_id": next(iter(linked.get(deal.id, [])), None),
                "contacts": len(linked.get(deal.id, [])),
            }
            for deal in deals
        ],
        "deals_archived": [
            {"deal_id": one.id, "archived_at": one.archived_at}
            for one in client.crm.deals.get_all(archived=True)
        ],
        "deal_stages": [
            {
                "pipeline_id": pipeline.id,
                "stage_id": stage.id,
                "probability": stage.metadata["probability"],
                "is_closed": stage.metadata["isClosed"],
            }
            for pipeline in client.crm.pipelines.pipelines_api.get_all("deals").results
            for stage in pipeline.stages
        ],
    }


def _picked(one: Any, names: dict[str, str]) -> dict[str, Any]:
    return {ours: one.properties.get(theirs) for ours, theirs in names.items()}


def _merges(rows: list[Any]) -> Iterator[dict[str, str]]:
    for one in rows:
        for loser in (one.properties.get(MERGED) or "").split(";"):
            if loser:
                yield {"loser_id": loser, "winner_id": one.id}


def _stages(client: HubSpot, ids: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), 50):
        inputs = [{"id": one} for one in ids[start : start + 50]]
        asked = Read(inputs=inputs, properties=[], properties_with_history=["lifecyclestage"])
        for one in client.crm.contacts.batch_api.read(asked).results:
            for change in (one.properties_with_history or {}).get("lifecyclestage", []):
                yield {"contact_id": one.id, "stage": change.value, "entered_at": change.timestamp}


def _linked(client: HubSpot, ids: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for start in range(0, len(ids), 1000):
        asked = Fetch(inputs=[{"id": one} for one in ids[start : start + 1000]])
        page = client.crm.associations.v4.batch_api.get_page("deals", "contacts", asked)
        found |= {one._from.id: [str(to.to_object_id) for to in one.to] for one in page.results}
    return found


if __name__ == "__main__":
    main(read)
