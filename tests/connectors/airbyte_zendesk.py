"""Zendesk Support through Airbyte's connector."""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found
from tests.connectors.tap_zendesk import row, token

CLIENT = "airbyte-source-zendesk-support"
LOCK = "requirements-airbyte.lock"
SOURCE = "zendesk"
STREAMS = ("tickets",)
HOSTS = ("acme.zendesk.com",)
COMMAND = "source-zendesk-support"
THEIRS = ("tickets",)


def config(given: Given) -> dict[str, Any]:
    return {
        "start_date": f"{given.first}T00:00:00Z",
        "subdomain": "acme",
        "credentials": {"credentials": "oauth2.0", "access_token": token(given)},
    }


def rows(found: Found) -> Rows:
    """The connector has metrics in another stream, from a list that this one does not need."""
    return {"tickets": map(row, found["tickets"])}
