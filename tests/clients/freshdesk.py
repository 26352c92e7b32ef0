"""Freshdesk through python-freshdesk, which counts pages and knows no satisfaction ratings."""

from __future__ import annotations

from freshdesk.v2.api import API
from freshdesk.v2.models import Ticket

from tests.clients.script import Given, Rows, main

CLIENT = "python-freshdesk"
STREAMS = ("tickets", "deleted_tickets", "spam_tickets", "ticket_sources")
HOSTS = ("acme.freshdesk.com",)
TIMES = ("first_responded_at", "reopened_at", "resolved_at", "closed_at")


def read(given: Given) -> Rows:
    client = API(HOSTS[0], given.secret("api_key"))

    def listed(name: str | None, **more: str) -> list[Ticket]:
        since = f"{given.start:%Y-%m-%dT%H:%M:%SZ}"
        found: list[Ticket] = client.tickets.list_tickets(
            filter_name=name, updated_since=since, **more
        )
        return found

    return {
        "tickets": [
            {
                "ticket_id": ticket.id,
                "source": ticket._source,
                "status": ticket._status,
                "type": ticket.type,
                "requester_email": ticket.requester["email"],
                **{name: ticket.stats[name] for name in TIMES},
                "created_at": ticket.created_at,
                "updated_at": ticket.updated_at,
            }
            for ticket in listed(None, include="requester,stats")
        ],
        "deleted_tickets": [
            {"ticket_id": one.id, "updated_at": one.updated_at} for one in listed("deleted")
        ],
        "spam_tickets": [
            {"ticket_id": one.id, "updated_at": one.updated_at} for one in listed("spam")
        ],
        "ticket_sources": [
            {"source": code, "name": name}
            for field in client.ticket_fields.list_ticket_fields()
            if field.type == "default_source"
            for name, code in field.choices.items()
        ],
    }


if __name__ == "__main__":
    main(read)
