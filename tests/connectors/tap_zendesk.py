"""Zendesk Support through a Singer tap."""

from __future__ import annotations

from typing import Any

import requests

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "tap-zendesk"
LOCK = "requirements-tap-zendesk.lock"
SOURCE = "zendesk"
STREAMS = ("tickets",)
HOSTS = ("acme.zendesk.com",)
COMMAND = "tap-zendesk"
THEIRS = ("tickets",)


def token(given: Given) -> str:
    """Return what the platform's OAuth gives for the client's credentials."""
    form = {"grant_type": "client_credentials", "scope": "read"}
    form |= {name: given.secret(name) for name in ("client_id", "client_secret")}
    return str(
        requests.post(f"{given.url}/oauth/tokens", json=form, timeout=60).json()["access_token"]
    )


def config(given: Given) -> dict[str, Any]:
    start = f"{given.first}T00:00:00Z"
    return {"start_date": start, "subdomain": "acme", "access_token": token(given)}


def rows(found: Found) -> Rows:
    """Of deleted tickets the tap leaves the metrics out, so metrics are compared by zenpy alone."""
    return {"tickets": map(row, found["tickets"])}


def row(ticket: dict[str, Any]) -> dict[str, Any]:
    """Return a ticket, which connectors leave as the platform sent it, as our columns."""
    return {
        "ticket_id": ticket["id"],
        "channel": ticket["via"]["channel"],
        "status": ticket["status"],
        "type": ticket["type"],
        "is_merged": "closed_by_merge" in ticket["tags"],
        "requester_id": ticket["requester_id"],
        "satisfaction_score": (ticket.get("satisfaction_rating") or {}).get("score"),
        "created_at": ticket["created_at"],
        "generated_seconds": ticket["generated_timestamp"],
    }
