"""Shopify: orders with what is left of their amount, and the visit that led to them.

Source: Admin GraphQL API, versioned by quarter; reference read November 2026. A query costs points:
what is left of them stands in the body, and a throttled call is answered with status 200. Without
read_all_orders the platform shows the orders of the last 60 days and does not say that it left
others out, so asking for older ones without that scope is an error here. Which visit led to an
order is known some time after it, and never for orders that a till or another app wrote. Names,
addresses and notes are not asked for; an e-mail address that the app may not see is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from extractors.core.auth import Bearer, OAuth
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, RateSignal, Reply, Seen
from extractors.core.shape import inner, listed, names
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

API_VERSION = "2026-10"
GRAPHQL, TOKEN_PATH = f"/admin/api/{API_VERSION}/graphql.json", "/admin/oauth/access_token"
HEADER = "X-Shopify-Access-Token"
LISTED = 50  # a hundred orders with all that is asked for would cost more points than a query may
SHOWN_DAYS = 60
OVERLAP = timedelta(days=1)  # an order that changes every night must not stay outside every window
RIGHTS = {"orders": "read_orders"}
NEEDED = "Grant {right} to the app in the Dev Dashboard and install it again"
BUSY = {"THROTTLED": "the points are used up", "INTERNAL_SERVER_ERROR": "the platform failed"}
FATAL = {
    "MAX_COST_EXCEEDED": ("the query costs too many points", "Report it: page_size is too large"),
    "SHOP_INACTIVE": ("the shop is closed or frozen", "Ask the shop's owner"),
}
QUERY = """
query($q: String!, $first: Int!, $after: String) {
  currentAppInstallation { accessScopes { handle } }
  orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    nodes {
      id legacyResourceId createdAt processedAt updatedAt cancelledAt test email sourceName
      displayFinancialStatus
      app { name }
      currentTotalPriceSet { shopMoney { amount currencyCode } }
      netPaymentSet { shopMoney { amount } }
      customerJourneySummary {
        ready customerOrderIndex
        lastVisit { source referrerUrl utmParameters { source medium campaign content } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


class Points(RateSignal):
    """The points that every body tells: what a query asked for, what is left, what comes back."""

    def spent(self, reply: Reply) -> float:
        """Return the seconds until the same query can be paid again."""
        return _until_paid(reply) or 0.0

    def asked(self, reply: Reply) -> float | None:
        """Return the wait of a throttled reply: from its points, else from its headers."""
        return _until_paid(reply) or RateSignal.asked(self, reply)


def _until_paid(reply: Reply) -> float | None:
    cost = inner(reply.body, "extensions", "cost")
    numbers = [
        inner(cost, "requestedQueryCost"),
        inner(cost, "throttleStatus", "currentlyAvailable"),
        inner(cost, "throttleStatus", "restoreRate"),
    ]
    if not all(isinstance(number, int | float) for number in numbers) or not numbers[2]:
        return None
    needed, left, restored = (float(number) for number in numbers)
    return max(needed - left, 0.0) / restored


def connect(account: Account) -> Client:
    """Return a client: with client_id and client_secret it fetches its token of a day itself."""
    secrets, where = account.secrets, account.name
    auth: Bearer | OAuth
    if secrets.get("client_id") and secrets.get("client_secret"):
        form = {name: secrets[name] for name in ("client_id", "client_secret")}
        own = account.base_url.rstrip("/") + TOKEN_PATH
        auth = OAuth(
            account.settings.get("token_url", own),
            {"grant_type": "client_credentials", **form},
            where=where,
            header=HEADER,
        )
    elif secrets.get("access_token"):
        auth = Bearer(secrets["access_token"], where=where, header=HEADER)
    else:
        variable = "BEYOND_LIKES_SHOPIFY_CLIENT_ID and _CLIENT_SECRET"
        do = f"Set {variable}, or _ACCESS_TOKEN of an older custom app"
        raise FatalError(where, "no credentials; nothing was loaded", do)
    return Client(account.base_url, where=where, auth=auth, rate=Points(), explain=explain)


def explain(reply: Reply) -> ExtractError | None:
    """Read the errors of a body; a refused e-mail address alone is none, the order stays."""
    needed = NEEDED.format(right=RIGHTS.get(reply.where.partition(".")[2], "read_orders"))
    if reply.status == 403:
        return FatalError(reply.where, f"{reply.request} is not permitted (403)", needed)
    if reply.status == 402:
        return FatalError(reply.where, *FATAL["SHOP_INACTIVE"])
    if reply.status != 200:
        return None
    errors = inner(reply.body, "errors")
    for error in errors if isinstance(errors, list) else [errors] if errors else []:
        code, path = inner(error, "extensions", "code"), inner(error, "path")
        if code == "ACCESS_DENIED" and isinstance(path, list) and path[-1:] == ["email"]:
            continue
        if code in BUSY:
            return RetriableError(reply.where, f"{BUSY[code]} ({code})", "Run again later")
        if code == "ACCESS_DENIED":
            return FatalError(reply.where, f"the query is not permitted ({code})", needed)
        what, do = FATAL.get(str(code), ("the query was refused", "Compare with the change log"))
        return FatalError(reply.where, f"{what} ({code})", do)
    return None


@stream(
    key=("order_id",),
    columns={
        "order_id": Column(path="legacyResourceId"),
        "created_at": Column("TIMESTAMPTZ", "createdAt"),
        "processed_at": Column("TIMESTAMPTZ", "processedAt"),
        "updated_at": Column("TIMESTAMPTZ", "updatedAt"),
        "cancelled_at": Column("TIMESTAMPTZ", "cancelledAt"),
        "is_test": Column("BOOLEAN", "test"),
        "email": Column(personal=True),
        "source_name": Column(path="sourceName"),
        "app_name": Column(path="app.name"),
        "financial_status": Column(path="displayFinancialStatus"),
        "current_total": Column("DECIMAL(18,4)", "currentTotalPriceSet.shopMoney.amount"),
        "net_payment": Column("DECIMAL(18,4)", "netPaymentSet.shopMoney.amount"),
        "currency": Column(path="currentTotalPriceSet.shopMoney.currencyCode"),
        "is_journey_ready": Column("BOOLEAN", "customerJourneySummary.ready"),
        "customer_order_index": Column("BIGINT", "customerJourneySummary.customerOrderIndex"),
        "visit_source": Column(path="customerJourneySummary.lastVisit.source"),
        "referrer_host": Column(),
        "utm_source": Column(path="customerJourneySummary.lastVisit.utmParameters.source"),
        "utm_medium": Column(path="customerJourneySummary.lastVisit.utmParameters.medium"),
        "utm_campaign": Column(path="customerJourneySummary.lastVisit.utmParameters.campaign"),
        "utm_content": Column(path="customerJourneySummary.lastVisit.utmParameters.content"),
    },
    mode="window",
    lookback_days=7,
    history_days=SHOWN_DAYS - 1,
    page_size=LISTED,
    ignored=names("id app currentTotalPriceSet netPaymentSet customerJourneySummary"),
)
def orders(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield orders that changed in the window, by the time of their change.

    Shape: one record per order as it is now: cancelled, refunded and test orders too. An order that
    was deleted (only test and cancelled ones can be) stays as it was read last.
    """
    where = "shopify.orders"
    seen, after = Seen(where), None
    while True:
        body = {"query": QUERY, "variables": {"q": _changed(scan), "first": LISTED, "after": after}}
        reply = client.post(GRAPHQL, json=body, where=where)
        found = listed(_connection(reply), "nodes")
        _check_history(reply, scan)
        yield Page([_order(order) for order in found], reply.fetched_at)
        page = inner(reply.body, "data", "orders", "pageInfo")
        if not inner(page, "hasNextPage"):
            return
        after = seen.check(str(inner(page, "endCursor")))


def _changed(scan: Scan) -> str:
    start, end = scan.window.start, scan.window.end + OVERLAP
    return f"updated_at:>='{start:%Y-%m-%dT%H:%M:%SZ}' AND updated_at:<'{end:%Y-%m-%dT%H:%M:%SZ}'"


def _connection(reply: Reply) -> Reply:
    """Return the reply with the list of orders as its body."""
    found = inner(reply.body, "data", "orders")
    return Reply(reply.status, reply.headers, found, reply.fetched_at, reply.where, reply.request)


def _check_history(reply: Reply, scan: Scan) -> None:
    """Refuse a history that the platform would silently cut; FatalError says what to do."""
    scopes = inner(reply.body, "data", "currentAppInstallation", "accessScopes")
    oldest = (reply.fetched_at - timedelta(days=SHOWN_DAYS)).date()
    if not isinstance(scopes, list) or scan.window.first >= oldest:
        return
    if "read_all_orders" in {inner(scope, "handle") for scope in scopes}:
        return
    what = f"orders since {scan.window.first} are asked for, the app sees {SHOWN_DAYS} days only"
    do = (
        f"Request read_all_orders for the app, or set since: {oldest + timedelta(days=1)} under"
        " shopify: in sources.yml"
    )
    raise FatalError(reply.where, what, do)


def _order(order: Record) -> dict[str, Any]:
    """Add the host of the page that led to the shop; the address itself may name a person."""
    address = inner(order, "customerJourneySummary", "lastVisit", "referrerUrl")
    return {**order, "referrer_host": _host(address)}


def _host(address: Any) -> str | None:
    try:
        return urlsplit(address).hostname if isinstance(address, str) else None
    except ValueError:
        return None


SOURCE = Source(
    area="shop",
    title="Shopify",
    base_url="",
    connect=connect,
    optional_credentials=("client_id", "client_secret", "access_token"),
    settings=("base_url",),
    permissions=RIGHTS,
    access=(
        "Make an app in the Dev Dashboard with the scope read_orders (and read_all_orders for more"
        " than 60 days), release and install it, and copy its client id and secret. Set base_url to"
        " https://SHOP.myshopify.com. The token of an older custom app works, too."
    ),
)
