"""Greenhouse through dlt's REST client: its OAuth, its following of Link headers.

No package on PyPI speaks Harvest v3: airbyte-source-greenhouse 0.6.1 and grnhse-api 0.1.1 speak v1.
So which list has which columns is written here.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.helpers.rest_client.paginators import HeaderLinkPaginator

from tests.clients.script import Given, Rows, main

CLIENT = "dlt"
STREAMS = (
    "applications",
    "application_stages",
    "job_interview_stages",
    "offers",
    "jobs",
    "sources",
    "openings",
    "candidates",
)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
COLUMNS = {
    "applications": (
        "candidate_id job_id source_id prospect status rejected_at created_at updated_at"
    ),
    "application_stages": "application_id job_interview_stage_id entered_at",
    "job_interview_stages": "job_id name sort_order",
    "offers": "application_id version status sent_on resolved_at created_at updated_at",
    "jobs": "name status",
    "sources": "name",
    "openings": "application_id closed_at",
    "candidates": "",
}


class Basic(OAuth2ClientCredentials):
    """Client credentials as Greenhouse wants them: in a header instead of the form."""

    def build_access_token_request(self) -> dict[str, Any]:
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        return {"headers": {"Authorization": f"Basic {pair}"}, "data": form}


def read(given: Given) -> Rows:
    auth = Basic(
        access_token_url=given.setting("token_url"),
        client_id=given.secret("client_id"),
        client_secret=given.secret("client_secret"),
    )
    client = RESTClient(f"{given.url}/v3", auth=auth, paginator=HeaderLinkPaginator())
    return {name: _rows(client, name) for name in STREAMS}


def _rows(client: RESTClient, name: str) -> Iterator[dict[str, Any]]:
    for page in client.paginate(name, params={"per_page": 50}):
        for one in page:
            row = {f"{name[:-1]}_id": one["id"]} | {key: one[key] for key in COLUMNS[name].split()}
            if name == "applications":
                row |= {key: (one["custom_fields"].get(key) or {}).get("value") for key in UTM}
            if name == "sources":
                row["strategy"] = one["type"]["name"] if one["type"] else None
            if name == "candidates":
                addresses = one["email_addresses"]
                row["person"] = addresses[0]["value"] if addresses else None
            yield row


if __name__ == "__main__":
    main(read)
