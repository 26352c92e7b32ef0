"""Google Analytics 4: sessions and what they led to, by day, source, medium and campaign.

Source: Data API v1beta; reference read November 2026. Days are those of the property's own time
zone and change for two days and more. Sources and campaigns are those of the session: the last
contact that was not direct. Google leaves out small groups of people, puts rare values together as
(other), and knows only who consented: sums stay below what the shop and the forms have counted, so
nothing here is part of a KPI. No user, no page and no transaction is asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from extractors.core import google
from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client, Reply
from extractors.core.shape import inner, listed
from extractors.core.types import Account, Column, Page, Scan, Source, stream

ROWS = 10_000
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
RIGHTS = dict.fromkeys(("sessions", "key_events"), SCOPE)
explain = google.explaining(
    RIGHTS, "Give the account that authorised us Viewer rights on the property, with {right}"
)
# our names of the dimensions; those of the session, so that both reports tell the same people
DIMENSIONS = {
    "day": "date",
    "source": "sessionSource",
    "medium": "sessionMedium",
    "campaign": "sessionCampaignName",
    "channel_group": "sessionDefaultChannelGroup",
    "event": "eventName",
}
LOSSES = {
    "subjectToThresholding": "small groups of people are left out",
    "dataLossFromOtherRow": "rare values are put together as (other)",
    "samplingMetadatas": "the figures are an estimate from a sample",
}
TOKENS = ("tokensPerDay", "tokensPerHour", "tokensPerProjectPerHour")

log = logging.getLogger(__name__)


def connect(account: Account) -> Client:
    """Return a client of the Data API."""
    auth = google.oauth(account)
    return Client(account.base_url, where=account.name, auth=auth, explain=explain)


COMMON = {
    "day": Column("DATE"),
    "source": Column(path=DIMENSIONS["source"]),
    "medium": Column(path=DIMENSIONS["medium"]),
    "campaign": Column(path=DIMENSIONS["campaign"]),
}


@stream(
    key=("day", "source", "medium", "campaign", "channel_group"),
    columns={
        **COMMON,
        "channel_group": Column(path=DIMENSIONS["channel_group"]),
        "sessions": Column("BIGINT"),
        "engaged_sessions": Column("BIGINT", "engagedSessions"),
        "transactions": Column("BIGINT"),
        "purchase_revenue": Column("DECIMAL(18,4)", "purchaseRevenue"),
        "currency": Column(),
        "read_at": Column("TIMESTAMPTZ"),
    },
    mode="window",
    basis="daily",
    lookback_days=7,
    page_size=ROWS,
)
def sessions(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield sessions, engaged sessions and purchases by day and origin of the session.

    Shape: read_at is one time for the whole report: a row that an older report has of a day and the
    newest one has not was given another origin since.
    Units: purchase_revenue in the property's currency, refunds not taken off.
    """
    metrics = ("sessions", "engagedSessions", "transactions", "purchaseRevenue")
    dimensions = ("day", "source", "medium", "campaign", "channel_group")
    yield from _report(client, scan, "ga4.sessions", dimensions, metrics)


@stream(
    key=("day", "source", "medium", "campaign", "event"),
    columns={
        **COMMON,
        "event": Column(path=DIMENSIONS["event"]),
        "key_events": Column("DOUBLE", "keyEvents"),
        "read_at": Column("TIMESTAMPTZ"),
    },
    mode="window",
    basis="daily",
    lookback_days=7,
    page_size=ROWS,
    ignored=frozenset({"currency"}),
)
def key_events(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield key events (which Google called conversions) by day, origin of the session and event.

    Shape: events that are no key event have no record; read_at as in sessions.
    Units: a count that may have a fraction where Google shares a key event out.
    """
    dimensions = ("day", "source", "medium", "campaign", "event")
    yield from _report(client, scan, "ga4.key_events", dimensions, ("keyEvents",))


def _report(
    client: Client, scan: Scan, where: str, dimensions: Sequence[str], metrics: Sequence[str]
) -> Iterator[Page]:
    """Ask for one report page by page; rows whose metrics are all 0 are left out by Google."""
    target = f"/v1beta/properties/{_property(scan, where)}:runReport"
    asked: dict[str, Any] = {
        "dateRanges": [
            {
                "startDate": scan.window.first.isoformat(),
                "endDate": scan.window.last.isoformat(),
            }
        ],
        "dimensions": [{"name": DIMENSIONS[name]} for name in dimensions],
        "metrics": [{"name": name} for name in metrics],
        "orderBys": [{"dimension": {"dimensionName": DIMENSIONS[name]}} for name in dimensions],
        "limit": str(ROWS),
        "returnPropertyQuota": True,
    }
    offset, read_at = 0, None
    while True:
        reply = client.post(target, json={**asked, "offset": str(offset)}, where=where)
        if read_at is None:
            read_at = reply.fetched_at.isoformat()
            _tell_losses(reply)
        shared = {"read_at": read_at, "currency": inner(reply.body, "metadata", "currencyCode")}
        yield Page([{**row, **shared} for row in _rows(reply)], reply.fetched_at)
        offset += ROWS
        if offset >= _row_count(reply):
            return
        _keep_tokens(reply)


def _property(scan: Scan, where: str) -> str:
    """Return the number of the property; G-… is the id of a data stream, which has no reports."""
    number = scan.settings["property"].strip().removeprefix("properties/")
    if not number.isdigit():
        do = "Set property: under ga4: in sources.yml to the number in Admin > Property details"
        raise FatalError(where, f"property {number!r} is no number", do)
    return number


def _rows(reply: Reply) -> list[dict[str, Any]]:
    """Return rows under the names of their columns; a report without data has no rows at all."""
    sides = (("dimensionHeaders", "dimensionValues"), ("metricHeaders", "metricValues"))
    headers = {side: [h.get("name") for h in listed(reply, head)] for head, side in sides}
    found = []
    for row in listed(reply, "rows") if inner(reply.body, "rows") is not None else []:
        cells: dict[str, Any] = {}
        for side, header in headers.items():
            values = row.get(side)
            if not isinstance(values, list) or len(values) != len(header):
                what = f"{reply.request} gave rows that do not fit their headers"
                raise FatalError(reply.where, what, "Compare with the platform's change log")
            cells |= {str(n): inner(v, "value") for n, v in zip(header, values, strict=True)}
        day = str(cells.pop(DIMENSIONS["day"], ""))
        found.append({**cells, "day": f"{day[:4]}-{day[4:6]}-{day[6:]}"})
    return found


def _row_count(reply: Reply) -> int:
    """Return how many rows the whole report has; Google leaves out a 0."""
    count = inner(reply.body, "rowCount") or 0
    return int(count) if str(count).isdigit() else 0


def _tell_losses(reply: Reply) -> None:
    metadata = inner(reply.body, "metadata")
    for name, meaning in LOSSES.items():
        if inner(metadata, name):
            log.warning("%s: %s", reply.where, meaning)


def _keep_tokens(reply: Reply) -> None:
    """Stop before a page that the property has no tokens for; a remainder of 0 is left out."""
    for name in TOKENS:
        quota = inner(reply.body, "propertyQuota", name)
        if isinstance(quota, dict) and not quota.get("remaining"):
            do = "Run again in an hour" if name.endswith("Hour") else "Run again tomorrow"
            raise RetriableError(reply.where, f"the property's {name} are used up", do)


SOURCE = Source(
    area="shop",
    title="Google Analytics 4",
    base_url="https://analyticsdata.googleapis.com",
    connect=connect,
    credentials=google.CREDENTIALS,
    settings=("property",),
    permissions=RIGHTS,
    access=(
        "Make an OAuth client in a Google Cloud project with the Google Analytics Data API"
        " enabled, publish its consent screen (in testing mode a refresh token dies after seven"
        " days), and authorise it once, with offline access, as an account that may view the"
        " property."
    ),
)
