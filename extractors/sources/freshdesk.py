"""Freshdesk: tickets with their times, what was deleted or marked as spam, ratings, channel names.

Source: API v2; reference read November 2026. Without `updated_since` the list shows 30 days only,
and past page 300 it is refused; a ticket that changes meanwhile would push another one over the
border of two pages. So tickets are asked for in order of change, and each page starts at the second
in which the last one ended. Subjects and names cannot be left out: they are dropped while they are
parsed, and of the requester, whom the list brings along, only the e-mail address is kept, as a
pseudonym; that costs more of the quota and tells less than a list of all contacts. Conversations
are never fetched. Ratings are listed by creation and have no end: past page 300 they are asked for
again from the newest one on. The quota has no reset header: a refused call says how long to wait.
A merged ticket cannot be told from a closed one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from extractors.core.auth import Basic
from extractors.core.errors import FatalError
from extractors.core.http import Client, Seen
from extractors.core.shape import listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

TICKETS, RATINGS = "/api/v2/tickets", "/api/v2/surveys/satisfaction_ratings"
FIELDS = "/api/v2/ticket_fields"
PER_PAGE, LAST_PAGE = 100, 300
HISTORY_DAYS = 1095
LOOKBACK_DAYS = 2

ALL_TICKETS = "a role that views tickets, with global access"
RIGHTS = {
    "tickets": ALL_TICKETS,
    "deleted_tickets": ALL_TICKETS,
    "spam_tickets": ALL_TICKETS,
    "satisfaction_ratings": f"{ALL_TICKETS}, on a plan with satisfaction surveys",
    "ticket_sources": "a role that views ticket fields (Administrator)",
}
changing = partial(
    stream,
    mode="window",
    lookback_days=LOOKBACK_DAYS,
    history_days=HISTORY_DAYS,
    page_size=PER_PAGE,
)
explain = naming_rights(RIGHTS, "Give the agent whose key is used {right}")
TICKET = names(
    "association_type associated_tickets_count associated_tickets_list attachments cc_emails"
    " company_id created_at custom_fields deleted due_by email email_config_id facebook_id"
    " form_id fr_due_by fr_escalated fwd_emails group_id internal_agent_id internal_group_id"
    " is_escalated name nr_due_by nr_escalated phone priority product_id reply_cc_emails"
    " requester_id responder_id sentiment_score initial_sentiment_score source spam stats status"
    " structured_description subject support_email tags ticket_bcc_emails ticket_cc_emails"
    " to_emails twitter_id type unique_external_id"
)
REMOVED = {
    "ticket_id": Column(path="id", of=("tickets",)),
    "updated_at": Column("TIMESTAMPTZ"),
}


def connect(account: Account) -> Client:
    """Return a client that sends the key of an agent."""
    auth = Basic(account.secrets["api_key"], "X")
    return Client(account.base_url, where=account.name, auth=auth, explain=explain)


@changing(
    key=("ticket_id",),
    columns={
        "ticket_id": Column(path="id"),
        "source": Column("BIGINT"),
        "status": Column("BIGINT"),
        "type": Column(),
        "requester_email": Column(path="requester.email", personal=True),
        "first_responded_at": Column("TIMESTAMPTZ", "stats.first_responded_at"),
        "reopened_at": Column("TIMESTAMPTZ", "stats.reopened_at"),
        "resolved_at": Column("TIMESTAMPTZ", "stats.resolved_at"),
        "closed_at": Column("TIMESTAMPTZ", "stats.closed_at"),
        "created_at": Column("TIMESTAMPTZ"),
        "updated_at": Column("TIMESTAMPTZ"),
    },
    ignored=TICKET,
)
def tickets(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield tickets that changed since the start of the window, in order of change.

    Shape: one record per ticket, some twice; deleted ones and spam have lists of their own.
    """
    yield from _changed(client, "tickets", scan, {"include": "requester,stats"})


@changing(key=("ticket_id",), columns=REMOVED, ignored=TICKET)
def deleted_tickets(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield ids of tickets that were deleted since the start of the window."""
    yield from _changed(client, "deleted_tickets", scan, {"filter": "deleted"})


@changing(key=("ticket_id",), columns=REMOVED, ignored=TICKET)
def spam_tickets(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield ids of tickets that were marked as spam since the start of the window."""
    yield from _changed(client, "spam_tickets", scan, {"filter": "spam"})


@changing(
    key=("rating_id",),
    columns={
        "rating_id": Column(path="id"),
        "ticket_id": Column(of=("tickets",)),
        "score": Column("BIGINT", "ratings.default_question"),
        "created_at": Column("TIMESTAMPTZ"),
    },
    ignored=names("agent_id feedback group_id survey_id updated_at user_id"),
)
def satisfaction_ratings(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield ratings that were given since the start of the window; comments are dropped.

    Units: `score` is 103 (extremely happy) to 101, 100 (neutral), -101 to -103 (extremely unhappy).
    """
    since: datetime | None = scan.window.start
    while since is not None:
        since = yield from _ratings(client, since)


@stream(
    key=("source",),
    columns={"source": Column("BIGINT"), "name": Column()},
    mode="snapshot",
)
def ticket_sources(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the channels that the help desk knows by code, those of the company too (from 101)."""
    where = "freshdesk.ticket_sources"
    reply = client.get(FIELDS, where=where)
    records = [
        {"source": code, "name": name}
        for field in listed(reply)
        if field.get("type") == "default_source"
        for name, code in _choices(field, where).items()
    ]
    yield Page(records, reply.fetched_at)


def _ratings(client: Client, since: datetime) -> Generator[Page, None, datetime | None]:
    """Yield what the platform lists from `since` on; return where to go on, None at the end.

    Raises: FatalError when the list begins with the newest: older ones cannot be asked for.
    """
    where, ends = "freshdesk.satisfaction_ratings", list[Record]()
    seen, target = Seen(where), RATINGS
    params: Mapping[str, str] | None = {"created_since": _iso(since), "per_page": str(PER_PAGE)}
    for number in range(1, LAST_PAGE + 1):
        reply = client.get(target, params, where=where)
        records = listed(reply)
        yield Page(records, reply.fetched_at)
        ends += records[:1] if number == 1 else records[-1:] if number == LAST_PAGE else []
        link = reply.next_link()
        if link is None and (number < LAST_PAGE or len(records) < PER_PAGE):
            return None
        target, params = seen.check(link) if link else "", None
    oldest, newest = (_moment(one, "created_at", where) for one in (ends[0], ends[-1]))
    # one second earlier: others of that second may stand on the page that is refused
    following = newest - timedelta(seconds=1)
    if following > since and newest >= oldest:
        return following
    what = f"more than {LAST_PAGE * PER_PAGE} ratings since {_iso(since)}, not oldest first"
    known = min(oldest, newest).date() + timedelta(days=1)
    do = f"Set since: {known} under freshdesk: in sources.yml; older ones are not shown"
    raise FatalError(where, what, do)


def _choices(field: Record, where: str) -> Mapping[str, Any]:
    choices = field.get("choices")
    if isinstance(choices, dict):
        return choices
    what = "the field source names its choices no more by label"
    raise FatalError(where, what, "Compare with the platform's change log")


def _changed(client: Client, name: str, scan: Scan, more: Mapping[str, str]) -> Iterator[Page]:
    """Page by time of change; pages are counted only inside one second."""
    where = f"freshdesk.{name}"
    order = {"order_by": "updated_at", "order_type": "asc", "per_page": str(PER_PAGE)}
    since, number = scan.window.start, 1
    while number <= LAST_PAGE:
        point = {"updated_since": _iso(since), "page": str(number)}
        reply = client.get(TICKETS, {**more, **order, **point}, where=where)
        records = listed(reply)
        yield Page(records, reply.fetched_at)
        if reply.next_link() is None:
            return
        moments = (_moment(record, "updated_at", where) for record in records)
        newest = max(moments, default=since)
        since, number = (newest, 1) if newest > since else (since, number + 1)
    what = f"more than {LAST_PAGE * PER_PAGE} tickets changed in the second {_iso(since)}"
    raise FatalError(where, what, "Ask the platform for an export of that day")


def _moment(record: Record, name: str, where: str) -> datetime:
    try:
        return datetime.fromisoformat(record[name]).astimezone(UTC)
    except (KeyError, TypeError, ValueError) as error:
        do = "Compare with the platform's change log"
        raise FatalError(where, f"a record has no time in {name}", do) from error


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


SOURCE = Source(
    area="support",
    title="Freshdesk",
    base_url="",
    connect=connect,
    credentials=("api_key",),
    settings=("base_url",),
    permissions=RIGHTS,
    access=(
        "An agent with global access and the Administrator role opens Profile settings and copies"
        " Your API key. base_url is the address that Freshdesk gave, like"
        " https://acme.freshdesk.com, not a domain of your own."
    ),
)
