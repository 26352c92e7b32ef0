"""Zendesk Support: tickets with their metrics, and requesters, by incremental cursor exports.

Source: Ticketing API v2; reference read November 2026. The platform cannot leave fields out, so
subject, description, senders and names are dropped while they are parsed; of a user only the id and
the e-mail address are taken, both as pseudonyms. The cursor of the last page is kept in the ledger
and continued the next night; ten calls a minute are allowed. Who writes from a social network or by
phone alone has no address: that person is known within Zendesk only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from extractors.core.auth import OAuth
from extractors.core.errors import FatalError
from extractors.core.http import Client, RateSignal, Reply, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

PER_PAGE = 1000
EXPORT = "/api/v2/incremental/tickets/cursor.json"
USERS = "/api/v2/incremental/users/cursor.json"
RIGHTS = {"tickets": "read (or tickets:read)", "users": "read (or users:read)"}
explain = naming_rights(RIGHTS, "Give the OAuth client the scope {right}, as an admin")


def connect(account: Account) -> Client:
    """Return a client that fetches its own tokens: client credentials, or a refresh token."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account.secrets["client_id"],
        "client_secret": account.secrets["client_secret"],
        "scope": "read",
    }
    if account.secrets.get("refresh_token"):
        renewal = {"refresh_token": account.secrets["refresh_token"]}
        form |= {"grant_type": "refresh_token", **renewal}
    parts = urlsplit(account.base_url)
    own = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/oauth/tokens"
    address = account.settings.get("token_url", own)
    auth = OAuth(address, form, where=account.name, keep=account.keep)
    rate = RateSignal(remaining="ratelimit-remaining", reset="ratelimit-reset")
    return Client(account.base_url, where=account.name, auth=auth, rate=rate, explain=explain)


@stream(
    key=("ticket_id",),
    columns={
        "ticket_id": Column(path="id"),
        "channel": Column(path="via.channel"),
        "status": Column(),
        "type": Column(),
        "is_merged": Column("BOOLEAN"),
        "requester_id": Column(personal=True, of=("users",)),
        "satisfaction_score": Column(path="satisfaction_rating.score"),
        "reply_minutes": Column("BIGINT", "metric_set.reply_time_in_minutes.calendar"),
        "solved_at": Column("TIMESTAMPTZ", "metric_set.solved_at"),
        "created_at": Column("TIMESTAMPTZ"),
        "generated_seconds": Column("BIGINT", "generated_timestamp"),
    },
    mode="cursor",
    history_days=1095,
    page_size=PER_PAGE,
    ignored=names(
        "allow_attachments allow_channelback assignee_id brand_id collaborator_ids"
        " custom_fields custom_status_id description due_at email_cc_ids external_id"
        " fields follower_ids followup_ids from_messaging_channel group_id has_incidents"
        " is_public organization_id priority problem_id raw_subject recipient"
        " result_type sharing_agreement_ids subject submitter_id tags ticket_form_id"
        " updated_at url"
    ),
)
def tickets(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield tickets that changed since the cursor, at first since the start of the window.

    Shape: one record per change of a ticket, in order of change; deleted ones have that status.
    """
    start = str(int(scan.window.start.timestamp()))
    asked = {"include": "metric_sets"}
    for reply, cursor in _export(client, "tickets", EXPORT, scan.cursor, start, asked):
        yield Page(_with_metrics(reply), reply.fetched_at, cursor)


@stream(
    key=("user_id",),
    columns={
        "user_id": Column(path="id", personal=True),
        "person": Column(path="email", personal=True),
    },
    mode="cursor",
    history_days=1095,
    page_size=PER_PAGE,
    ignored=names(
        "active alias chat_only created_at custom_role_id default_group_id details external_id"
        " generated_timestamp iana_time_zone last_active last_login_at locale locale_id moderator"
        " name notes only_private_comments organization_id permanently_deleted phone photo"
        " report_csv restricted_agent result_type role role_type shared shared_agent"
        " shared_phone_number signature suspended tags ticket_restriction time_zone"
        " two_factor_auth_enabled updated_at url user_fields verified"
    ),
)
def users(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield users that changed since the cursor, at first all there are, whatever the window.

    Shape: one record per change of a user, agents too; a requester may be older than any ticket.
    """
    for reply, cursor in _export(client, "users", USERS, scan.cursor, "0", {}):
        yield Page(listed(reply, "users"), reply.fetched_at, cursor)


def _export(
    client: Client, name: str, path: str, cursor: str | None, start: str, asked: dict[str, str]
) -> Iterator[tuple[Reply, str | None]]:
    """Follow an export to its end; each reply comes with the cursor behind it."""
    where = f"zendesk.{name}"
    seen = Seen(where)
    while True:
        point = {"cursor": seen.check(cursor)} if cursor else {"start_time": start}
        reply = client.get(path, {**point, "per_page": str(PER_PAGE), **asked}, where=where)
        following = inner(reply.body, "after_cursor") or cursor
        yield reply, following
        if inner(reply.body, "end_of_stream") is not False:
            return
        if not following:
            do = "Report the export without a cursor to the platform"
            raise FatalError(where, "the export goes on but names no cursor", do)
        cursor = following


def _with_metrics(reply: Reply) -> list[dict[str, Any]]:
    """Put metric sets that came beside the tickets into them, and read the tag of a merge."""
    beside = listed(reply, "metric_sets") if inner(reply.body, "metric_sets") else []
    sets = {str(one.get("ticket_id")): one for one in beside}
    return [_ticket(ticket, sets) for ticket in listed(reply, "tickets")]


def _ticket(ticket: Record, sets: dict[str, Record]) -> dict[str, Any]:
    found = ticket.get("metric_set") or sets.get(str(ticket.get("id")))
    tags = ticket.get("tags")
    merged = "closed_by_merge" in tags if isinstance(tags, list) else None
    return {**ticket, "metric_set": found, "is_merged": merged}


SOURCE = Source(
    area="support",
    title="Zendesk Support",
    base_url="",
    connect=connect,
    credentials=("client_id", "client_secret"),
    optional_credentials=("refresh_token",),
    settings=("base_url",),
    permissions=RIGHTS,
    access="Admin Center, Apps and integrations, OAuth clients: a confidential client with the "
    "scope read; an agent with access to all tickets has to be behind it.",
)
