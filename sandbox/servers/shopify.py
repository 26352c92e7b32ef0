"""Shopify's Admin API: orders by GraphQL with its points, and by the older REST list.

Source: shopify.dev (Admin API 2026-10), read 2026-11. Versions look like 2026-10; one that is not
served any more is answered by the oldest that is.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from sandbox.company import cutoff
from sandbox.servers import graphql, shopify_rest, shopify_rows
from sandbox.servers.wire import Reply, Request, World, as_moment

CREDENTIALS = {
    "client_id": "sandbox-shopify-client",
    "client_secret": "sandbox-shopify-secret",
    "access_token": "shpat_sandbox0shopify",
}
EXPIRES_IN = 86399
OLDEST, NEWEST = "2026-01", "2026-10"
MOST, COST_LIMIT = 250, 1000
BUCKET, RESTORED = 2000.0, 100.0
SCOPES = ("read_orders", "read_all_orders")
REFUSED = "[API] Invalid API key or access token (unrecognized login or wrong password)"
VISIT = dict.fromkeys(
    (
        "occurredAt",
        "landingPage",
        "referrerUrl",
        "referralCode",
        "source",
        "sourceType",
        "sourceDescription",
    )
) | {"utmParameters": "UTMParameters"}
ORDER = (
    dict.fromkeys(
        (
            "id",
            "legacyResourceId",
            "name",
            "createdAt",
            "processedAt",
            "updatedAt",
            "cancelledAt",
            "cancelReason",
            "test",
            "email",
            "sourceName",
            "sourceIdentifier",
            "registeredSourceUrl",
            "displayFinancialStatus",
            "currencyCode",
            "tags",
            "discountCodes",
        )
    )
    | dict.fromkeys(
        ("currentTotalPriceSet", "totalPriceSet", "totalRefundedSet", "netPaymentSet"), "MoneyBag"
    )
    | {"app": "OrderApp", "customerJourneySummary": "CustomerJourneySummary"}
)
SCHEMA: graphql.Schema = {
    "QueryRoot": {
        "orders": "OrderConnection",
        "shop": "Shop",
        "currentAppInstallation": "AppInstallation",
    },
    "Shop": dict.fromkeys(("id", "name", "myshopifyDomain", "currencyCode", "ianaTimezone")),
    "AppInstallation": {"id": None, "accessScopes": "AccessScope"},
    "AccessScope": {"handle": None, "description": None},
    "OrderConnection": {"nodes": "Order", "edges": "OrderEdge", "pageInfo": "PageInfo"},
    "OrderEdge": {"node": "Order", "cursor": None},
    "PageInfo": dict.fromkeys(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")),
    "Order": ORDER,
    "OrderApp": {"name": None},
    "MoneyBag": {"shopMoney": "MoneyV2", "presentmentMoney": "MoneyV2"},
    "MoneyV2": {"amount": None, "currencyCode": None},
    "CustomerJourneySummary": dict.fromkeys(("ready", "customerOrderIndex", "daysToConversion"))
    | {"momentsCount": "Count", "firstVisit": "CustomerVisit", "lastVisit": "CustomerVisit"},
    "Count": {"count": None},
    "CustomerVisit": VISIT,
    "UTMParameters": dict.fromkeys(("source", "medium", "campaign", "content", "term")),
}


class Shopify:
    """The fake platform: `/admin/oauth/access_token` and `/admin/api/{version}/…`."""

    def __init__(self, world: World) -> None:
        self._world, self._given = world, 0
        self._tokens = {world.secrets["BEYOND_LIKES_SHOPIFY_ACCESS_TOKEN"]}
        self._cache: tuple[Any, list[dict[str, Any]]] | None = None

    def expire(self) -> None:
        """Let the day of every token pass; that of an older custom app has no end."""
        self._tokens = {self._world.secrets["BEYOND_LIKES_SHOPIFY_ACCESS_TOKEN"]}

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        if status == 429:
            return _throttled()
        texts = {
            401: REFUSED,
            403: "[API] This action requires merchant approval for read_orders scope.",
        }
        return Reply({"errors": texts[status]}, status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path == "/admin/oauth/access_token":
            return self._token(request)
        if request.headers.get("x-shopify-access-token") not in self._tokens:
            return self.refusal(401)
        found = re.fullmatch(r"/admin/api/(\d{4}-\d{2}|unstable)/([\w/]+)\.json", request.path)
        if not found:
            return Reply({"errors": "Not Found"}, 404)
        reply = self._route(found[2], request)
        version = min(max(found[1], OLDEST), NEWEST) if found[1] != "unstable" else found[1]
        reply.headers |= {"X-Shopify-API-Version": version}
        return reply

    def _route(self, name: str, request: Request) -> Reply:
        if name == "graphql" and request.method == "POST":
            return self._query(request)
        if name == "orders" and request.method == "GET":
            return shopify_rest.orders(self._orders(), request)
        return Reply({"errors": "Not Found"}, 404)

    def _token(self, request: Request) -> Reply:
        form = request.json if isinstance(request.json, dict) else request.form
        secrets = self._world.secrets
        good = form.get("client_id") == secrets["BEYOND_LIKES_SHOPIFY_CLIENT_ID"]
        good = good and form.get("client_secret") == secrets["BEYOND_LIKES_SHOPIFY_CLIENT_SECRET"]
        if request.method != "POST" or not good:
            text = "Client authentication failed"
            return Reply({"error": "invalid_client", "error_description": text}, 401)
        if form.get("grant_type") != "client_credentials":
            return Reply({"error": "unsupported_grant_type", "error_description": ""}, 400)
        self._given += 1
        token = f"shpca_sandbox{self._given}"
        self._tokens.add(token)
        scope = ",".join(SCOPES)
        return Reply({"access_token": token, "scope": scope, "expires_in": EXPIRES_IN})

    def _orders(self) -> list[dict[str, Any]]:
        """Return all orders as of the clock's day, by the time of their last change."""
        day = self._world.clock.day
        if self._cache is None or self._cache[0] != day:
            self._cache = day, shopify_rows.orders(self._world.company, cutoff(day))
        return self._cache[1]

    def _query(self, request: Request) -> Reply:
        """Run one query: mistakes and too dear ones come with status 200."""
        asked = request.json if isinstance(request.json, dict) else {}
        try:
            query = graphql.Query(str(asked.get("query", "")), asked.get("variables") or {})
            if query.kind != "query":
                raise graphql.QueryError("Only queries are served here", "ACCESS_DENIED")
            graphql.check(query.fields, "QueryRoot", SCHEMA)
            cost = sum(_cost(one, "QueryRoot") for one in query.fields)
            if cost > COST_LIMIT:
                text = f"Query cost is {cost}, which exceeds the single query max cost limit (1000)"
                raise graphql.QueryError(text, "MAX_COST_EXCEEDED")
            data = graphql.shaped({}, query.fields, "QueryRoot", SCHEMA, self._resolved)
        except graphql.QueryError as error:
            extensions = {"code": error.code}
            return Reply({"errors": [{"message": error.message, "extensions": extensions}]})
        reply = Reply({"data": data, "extensions": {"cost": _points(cost, BUCKET - cost)}})
        nodes = (data.get("orders") or {}).get("nodes")
        if nodes:
            reply.records, reply.key_fields = nodes, ("legacyResourceId", "id")
        return reply

    def _resolved(self, field: graphql.Field) -> Any:
        if field.name == "shop":
            domain = "acme-sandbox.myshopify.com"
            named = {"id": "gid://shopify/Shop/1", "name": "Acme", "myshopifyDomain": domain}
            return named | {"currencyCode": "EUR", "ianaTimezone": "Europe/Berlin"}
        if field.name == "currentAppInstallation":
            scopes = [{"handle": handle, "description": handle} for handle in SCOPES]
            return {"id": "gid://shopify/AppInstallation/1", "accessScopes": scopes}
        return self._connection(field.arguments)

    def _connection(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return one page of orders; a cursor names the last order before it."""
        first = arguments.get("first")
        if not isinstance(first, int) or not 1 <= first <= MOST:
            text = f"you must provide first, between 1 and {MOST}"
            raise graphql.QueryError(text, "BAD_REQUEST")
        rows = [r for r in self._orders() if _passes(r, str(arguments.get("query") or ""))]
        keys = {"UPDATED_AT": "updatedAt", "CREATED_AT": "createdAt"}
        by = keys.get(arguments.get("sortKey", ""), "processedAt")
        rows.sort(key=lambda row: (row[by], row["_number"]), reverse=bool(arguments.get("reverse")))
        numbers, start = [row["_number"] for row in rows], 0
        if arguments.get("after"):
            start = _start(str(arguments["after"]), numbers)
        page = rows[start : start + first]
        cursors = [_cursor(row["_number"]) for row in page]
        return {
            "nodes": page,
            "edges": [{"node": n, "cursor": c} for n, c in zip(page, cursors, strict=True)],
            "pageInfo": {
                "hasNextPage": start + first < len(rows),
                "hasPreviousPage": start > 0,
                "startCursor": cursors[0] if page else None,
                "endCursor": cursors[-1] if page else None,
            },
        }


def _passes(row: dict[str, Any], query: str) -> bool:
    """Apply the times of a search text; other words are ignored, as the platform does."""
    names = {"updated_at": "updatedAt", "created_at": "createdAt", "processed_at": "processedAt"}
    pattern = r"(updated_at|created_at|processed_at):([<>]=?)'?([\dT:Z.+-]+)'?"
    for name, sign, text in re.findall(pattern, query):
        own, wanted = as_moment(row[names[name]]), as_moment(text)
        good = own >= wanted if sign[0] == ">" else own <= wanted
        if not good or (own == wanted and len(sign) == 1):
            return False
    return True


def _cursor(number: int) -> str:
    return base64.b64encode(json.dumps({"last_id": number}).encode()).decode()


def _start(cursor: str, numbers: list[int]) -> int:
    """Return where the page after a cursor begins."""
    try:
        return numbers.index(json.loads(base64.b64decode(cursor))["last_id"]) + 1
    except (ValueError, KeyError) as error:
        raise graphql.QueryError(f"'{cursor}' is not a valid cursor", "BAD_REQUEST") from error


def _cost(field: graphql.Field, type_: str) -> int:
    """Return what an object costs: one point, and that of a list for each of its items."""
    inner = SCHEMA[type_].get(field.name)
    if inner is None:
        return 0
    within = sum(_cost(one, inner) for one in field.fields)
    if not inner.endswith("Connection"):
        return 1 + within
    first = field.arguments.get("first")
    return 2 + (first if isinstance(first, int) else 0) * within


def _points(cost: int, left: float) -> dict[str, Any]:
    status = {"maximumAvailable": BUCKET, "currentlyAvailable": left, "restoreRate": RESTORED}
    return {"requestedQueryCost": cost, "actualQueryCost": cost, "throttleStatus": status}


def _throttled() -> Reply:
    """Return the answer without points: status 200, and how long it takes in its numbers."""
    address = "https://shopify.dev/api/usage/rate-limits"
    extensions = {"code": "THROTTLED", "documentation": address}
    points = _points(300, 280.0) | {"actualQueryCost": None}
    body = {"errors": [{"message": "Throttled", "extensions": extensions}]}
    return Reply(body | {"extensions": {"cost": points}})


PLATFORM = Shopify
