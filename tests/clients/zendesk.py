"""Zendesk Support through zenpy: the incremental exports, and metrics ticket by ticket."""

from __future__ import annotations

from datetime import UTC, datetime, time

import requests
from zenpy import Zenpy

from tests.clients.script import Given, Rows, main

CLIENT = "zenpy"
STREAMS = ("tickets", "users")
HOSTS = ("acme.zendesk.com",)


def read(given: Given) -> Rows:
    form = {"grant_type": "client_credentials", "scope": "read"}
    form |= {name: given.secret(name) for name in ("client_id", "client_secret")}
    token = requests.post(f"https://{HOSTS[0]}/oauth/tokens", json=form, timeout=60).json()
    client = Zenpy(subdomain="acme", oauth_token=token["access_token"])
    start = datetime.combine(given.first, time(), UTC)
    tickets = list(client.tickets.incremental(start_time=start))
    return {
        "tickets": [
            {
                "ticket_id": ticket.id,
                "channel": ticket.via.channel,
                "status": ticket.status,
                "type": ticket.type,
                "is_merged": "closed_by_merge" in ticket.tags,
                "requester_id": ticket.requester_id,
                "satisfaction_score": rating.score
                if (rating := ticket.satisfaction_rating)
                else None,
                "reply_minutes": metrics.reply_time_in_minutes["calendar"],
                "solved_at": metrics.solved_at,
                "created_at": ticket.created_at,
                "generated_seconds": ticket.generated_timestamp,
            }
            for ticket in tickets
            for metrics in [client.tickets.metrics(ticket)]
        ],
        "users": [
            {"user_id": user.id, "person": user.email}
            for user in client.users.incremental(start_time=0)
        ],
    }


if __name__ == "__main__":
    main(read)
