"""Pipedrive through pipedrive-python-lib, a thin client whose lists are told their next page.

It knows API v1 alone, so that its base address is set to that of v2 for persons and deals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipedrive.client import Client

from tests.clients.script import Given, Rows, main

CLIENT = "pipedrive-python-lib"
STREAMS = ("persons", "leads", "deals")
HOSTS = ("api.pipedrive.com",)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
TIMES = {"created_at": "add_time", "modified_at": "update_time"}
DEAL = {
    "deal_id": "id",
    "person_id": "person_id",
    "channel_id": "channel_id",
    "status": "status",
    "amount": "value",
    "currency": "currency",
    "closed_at": "close_time",
    "is_archived": "is_archived",
    **TIMES,
}
LEAD = {
    "lead_id": "id",
    "person_id": "person_id",
    "channel_id": "channel_id",
    "is_archived": "is_archived",
    **TIMES,
}
Get = Callable[..., dict[str, Any]]


def read(given: Given) -> Rows:
    client = Client(domain=f"https://{HOSTS[0]}/api")
    client.set_api_token(given.secret("api_token"))
    leads = list(_by_offset(client.leads.get_all_leads))
    client.BASE_URL = f"https://{HOSTS[0]}/api/v2/"
    of_deals = list(_by_cursor(client.deals.get_deal_fields))
    of_persons = list(_by_cursor(client.persons.get_person_fields))
    archived = f"{client.BASE_URL}deals/archived"
    deals = [
        *_by_cursor(client.deals.get_all_deals),
        *_by_cursor(lambda params: client._get(archived, params=params)),
    ]
    return {
        "persons": [
            {
                "person_id": one["id"],
                "email": next(mail["value"] for mail in one["emails"] if mail["primary"]),
                **{ours: one[theirs] for ours, theirs in TIMES.items()},
                **_custom(one["custom_fields"], of_persons),
                "source": _option(of_persons, "Lead source", one["custom_fields"]),
            }
            for one in _by_cursor(client.persons.get_all_persons)
        ],
        "leads": [
            {
                **{ours: one[theirs] for ours, theirs in LEAD.items()},
                **_custom(one, of_deals),
                "channel": _option(of_deals, "Source channel", one),
            }
            for one in leads
        ],
        "deals": [
            {
                **{ours: one[theirs] for ours, theirs in DEAL.items()},
                **_custom(one["custom_fields"], of_deals),
                "channel": _option(of_deals, "Source channel", one),
            }
            for one in deals
        ],
    }


def _by_cursor(get: Get) -> Iterator[dict[str, Any]]:
    params: dict[str, Any] = {"limit": 100}
    while True:
        page = get(params=params)
        yield from page["data"]
        cursor = page["additional_data"]["next_cursor"]
        if cursor is None:
            return
        params["cursor"] = cursor


def _by_offset(get: Get) -> Iterator[dict[str, Any]]:
    params: dict[str, Any] = {"limit": 100, "start": 0}
    while True:
        page = get(params=params)
        yield from page["data"] or []
        paging = page["additional_data"]["pagination"]
        if not paging["more_items_in_collection"]:
            return
        params["start"] = paging["next_start"]


def _custom(values: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    codes = {one["field_name"].lower().replace(" ", "_"): one["field_code"] for one in fields}
    return {name: values.get(codes[name]) for name in UTM}


def _option(fields: list[dict[str, Any]], name: str, values: dict[str, Any]) -> str | None:
    field = next(one for one in fields if one["field_name"] == name)
    labels = {option["id"]: option["label"] for option in field["options"]}
    return labels.get(values.get(field["field_code"]))


if __name__ == "__main__":
    main(read)
