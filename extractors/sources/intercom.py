"""Intercom: conversations by search, each with its times, its rating and the contact's pseudonym.

Source: REST API 2.14; reference read November 2026. Times are epoch seconds. The search cannot
leave fields out: titles, bodies, names and remarks are dropped while they are parsed. The person is
the author's e-mail address where a contact began the conversation; only for the others contacts are
looked up, by id, and again nothing but the address is kept. The durations of the statistics leave
out closing hours, so the moments beside them are read. A deleted conversation just vanishes: the
platform tells webhooks alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from extractors.core.auth import Bearer
from extractors.core.http import Client, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

VERSION = "2.14"
SEARCH, CONTACTS = "/conversations/search", "/contacts/search"
PER_PAGE, IDS = 150, 50
# A row that changes every night before we read it must not stay outside every window.
OVERLAP = timedelta(days=1)
CUSTOMERS = ("user", "lead", "contact")
RIGHTS = {"conversations": "Read conversations, Read and list users and companies"}
explain = naming_rights(RIGHTS, "Grant {right} to the app that the token belongs to")


def connect(account: Account) -> Client:
    """Return a client for an access token, which does not expire."""
    auth = Bearer(account.secrets["access_token"], where=account.name)
    headers = {"Intercom-Version": VERSION}
    return Client(account.base_url, where=account.name, auth=auth, headers=headers, explain=explain)


@stream(
    key=("conversation_id",),
    columns={
        "conversation_id": Column(path="id"),
        "source_type": Column(path="source.type"),
        "delivered_as": Column(path="source.delivered_as"),
        "person": Column(personal=True),
        "state": Column(),
        "topic": Column(),
        "rating": Column("BIGINT", "conversation_rating.rating"),
        "contact_replied_seconds": Column("BIGINT", "statistics.first_contact_reply_at"),
        "admin_replied_seconds": Column("BIGINT", "statistics.first_admin_reply_at"),
        "closed_seconds": Column("BIGINT", "statistics.last_close_at"),
        "created_seconds": Column("BIGINT", "created_at"),
        "updated_seconds": Column("BIGINT", "updated_at"),
    },
    mode="window",
    lookback_days=2,
    history_days=1095,
    page_size=PER_PAGE,
    ignored=names(
        "admin_assignee_id ai_agent ai_agent_participated company contacts conversation_parts"
        " custom_attributes first_contact_reply linked_objects open priority read redacted"
        " sla_applied snoozed_until tags team_assignee_id teammates ticket title topics type"
        " waiting_since company_id"
    ),
)
def conversations(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield conversations that changed in the window, in order of change.

    Shape: one record per conversation; `topic` is its first tag.
    """
    where = "intercom.conversations"
    seen = Seen(where)
    body = _query(scan)
    while True:
        reply = client.post(SEARCH, json=body, where=where)
        yield Page(_read(client, listed(reply, "conversations"), where), reply.fetched_at)
        following = inner(reply.body, "pages", "next", "starting_after")
        if following is None:
            return
        body["pagination"]["starting_after"] = seen.check(str(following))


def _query(scan: Scan) -> dict[str, Any]:
    """Return the search for the window: whether `>` includes its value differs between pages."""
    first = int(scan.window.start.timestamp()) - 1
    last = int((scan.window.end + OVERLAP).timestamp())
    changed = [
        {"field": "updated_at", "operator": ">", "value": first},
        {"field": "updated_at", "operator": "<", "value": last},
    ]
    return {
        "query": {"operator": "AND", "value": changed},
        "pagination": {"per_page": PER_PAGE},
        "sort": {"field": "updated_at", "order": "ascending"},
    }


def _read(client: Client, found: Sequence[Record], where: str) -> list[dict[str, Any]]:
    """Add person and topic; contacts are looked up where no customer's address is in the record."""
    missing = {_contact(one) for one in found if not _author(one)} - {None}
    known = _addresses(client, sorted(str(one) for one in missing), where)
    return [
        {**one, "person": _author(one) or known.get(str(_contact(one))), "topic": _tag(one)}
        for one in found
    ]


def _author(conversation: Record) -> Any:
    author = inner(conversation.get("source"), "author")
    return inner(author, "email") if inner(author, "type") in CUSTOMERS else None


def _contact(conversation: Record) -> Any:
    return inner(_first(inner(conversation.get("contacts"), "contacts")), "id")


def _tag(conversation: Record) -> Any:
    return inner(_first(inner(conversation.get("tags"), "tags")), "name")


def _first(found: Any) -> Any:
    return found[0] if isinstance(found, list) and found else None


def _addresses(client: Client, ids: Sequence[str], where: str) -> dict[str, Any]:
    """Return the e-mail address of each contact that the platform still knows, by id."""
    known: dict[str, Any] = {}
    for start in range(0, len(ids), IDS):
        wanted = {"field": "id", "operator": "IN", "value": list(ids[start : start + IDS])}
        body = {"query": wanted, "pagination": {"per_page": IDS}}
        reply = client.post(CONTACTS, json=body, where=where)
        known |= {str(one.get("id")): one.get("email") for one in listed(reply, "data")}
    return known


SOURCE = Source(
    area="support",
    title="Intercom",
    base_url="https://api.intercom.io",
    connect=connect,
    credentials=("access_token",),
    permissions=RIGHTS,
    access=(
        "An admin makes an app for the own workspace in the Developer Hub and copies its access"
        " token from Configure, Authentication. A workspace in Europe or Australia sets base_url"
        " to https://api.eu.intercom.io or https://api.au.intercom.io."
    ),
)
