"""Google Analytics 4's Data API v1beta: runReport of one property.

Source: the guide of the Data API and its discovery document, read 2026-11. Numbers are texts,
fields that are 0, false or empty are left out, a report pages by offset.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from sandbox.company.base import CURRENCY, TIMEZONE
from sandbox.servers.ga4_rows import KEY_EVENTS, Cell, Origin, Rows
from sandbox.servers.google import Tokens, error, unknown
from sandbox.servers.wire import Reply, Request, World

PROPERTY = "412345678"
CREDENTIALS = {
    "client_id": "sandbox-ga4.apps.googleusercontent.example",
    "client_secret": "GOCSPX-sandbox-ga4-secret",
    "refresh_token": "1//sandbox-ga4-refresh",
}
SETTINGS = {"token_url": "{url}/token", "property": PROPERTY}
COVERS: dict[str, list[str]] = {}
USUAL, MOST = 10_000, 250_000
DIMENSIONS = (
    "date",
    "sessionSource",
    "sessionMedium",
    "sessionCampaignName",
    "sessionDefaultChannelGroup",
    "eventName",
)
METRICS = {
    "sessions": "TYPE_INTEGER",
    "engagedSessions": "TYPE_INTEGER",
    "transactions": "TYPE_INTEGER",
    "keyEvents": "TYPE_FLOAT",
    "purchaseRevenue": "TYPE_CURRENCY",
    "totalRevenue": "TYPE_CURRENCY",
}
FIELDS = {
    "property", "dateRanges", "dimensions", "metrics", "orderBys", "limit", "offset",
    "keepEmptyRows", "returnPropertyQuota", "currencyCode",
}  # fmt: skip
NO_RIGHTS = "User does not have sufficient permissions for this property."
COST = 11


class Ga4:
    """The company's property."""

    def __init__(self, world: World) -> None:
        self._world, self._rows = world, Rows(world.company)
        self._tokens = Tokens(world.secrets, "ga4")

    def expire(self) -> None:
        """Let the hour of every token pass."""
        self._tokens.expire()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        texts = {
            401: "Request had invalid authentication credentials.",
            403: NO_RIGHTS,
            429: (
                "Exhausted concurrent requests quota. This quota will return when other requests"
                " have finished."
            ),
        }
        return _plain(error(status, texts[status]))

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path in ("/token", "/oauth2/v4/token") and request.method == "POST":
            return self._tokens.fetch(request)
        refused = self._tokens.refuse(request) or unknown(request, set())
        if refused:
            return _plain(refused)
        if request.path == f"/v1beta/properties/{PROPERTY}/metadata":
            return Reply(_metadata())
        asked = re.fullmatch(r"/v1beta/properties/([^/:]+):runReport", request.path)
        if not asked or request.method != "POST":
            return _plain(error(404, "Requested entity was not found."))
        if asked[1] != PROPERTY:
            return self.refusal(403)
        body = request.json if isinstance(request.json, dict) else {}
        wrong = _wrong(body)
        return _plain(error(400, wrong)) if wrong else self._report(body)

    def _report(self, body: dict[str, Any]) -> Reply:
        dimensions, metrics = _names(body, "dimensions"), _names(body, "metrics")
        rows = self._table(body, dimensions, metrics)
        for order in reversed(body.get("orderBys") or []):
            column = itemgetter(dimensions.index(order["dimension"]["dimensionName"]))
            rows.sort(key=lambda row: column(row[0]), reverse=bool(order.get("desc")))
        first, limit = int(body.get("offset") or 0), int(body.get("limit") or USUAL)
        page = [
            {
                "dimensionValues": [{"value": text} for text in keys],
                "metricValues": [{"value": text} for text in values],
            }
            for keys, values in rows[first : first + min(limit, MOST)]
        ]
        found: dict[str, Any] = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": METRICS[name]} for name in metrics],
            "metadata": {"currencyCode": CURRENCY, "timeZone": TIMEZONE},
            "kind": "analyticsData#runReport",
        }
        if page:
            found["rows"] = page
        if rows:
            found["rowCount"] = len(rows)
        if body.get("returnPropertyQuota"):
            found["propertyQuota"] = _quota()
        return Reply(found, records=page, key_fields=("dimensionValues", "metricValues"))

    def _table(
        self, body: dict[str, Any], dimensions: list[str], metrics: list[str]
    ) -> list[tuple[list[str], list[str]]]:
        """Return keys and values of every row in which a metric is not 0."""
        sums: dict[tuple[str, ...], list[Any]] = {}
        by_event = "eventName" in dimensions
        for span in body["dateRanges"]:
            for day in _days(span):
                for origin, cell in self._rows.cells(day, self._world.clock.day).items():
                    for event in _events(cell) if by_event else [""]:
                        known = dict(zip(DIMENSIONS, _texts(day, origin, event), strict=True))
                        row = sums.setdefault(
                            tuple(known[name] for name in dimensions), [0] * len(metrics)
                        )
                        for at, name in enumerate(metrics):
                            row[at] += _value(name, cell, event)
        return [
            (list(key), [str(value) for value in row])
            for key, row in sums.items()
            if any(row) or body.get("keepEmptyRows")
        ]


def _texts(day: date, origin: Origin, event: str) -> tuple[str, ...]:
    return (day.strftime("%Y%m%d"), *origin, event)


def _events(cell: Cell) -> list[str]:
    return ["session_start", *cell.events]


def _value(metric: str, cell: Cell, event: str) -> Any:
    """Return a metric of a cell; with an event, of that event alone."""
    own = {event: cell.events.get(event, 0)} if event else cell.events
    if metric in ("sessions", "engagedSessions"):
        if event and event != "session_start":
            return own[event]
        return cell.sessions if metric == "sessions" else cell.engaged
    if metric == "keyEvents":
        return sum(number for name, number in own.items() if name in KEY_EVENTS)
    if metric == "transactions":
        return own.get("purchase", 0)
    return cell.revenue if "purchase" in own else 0


def _days(span: dict[str, str]) -> list[date]:
    first, last = date.fromisoformat(span["startDate"]), date.fromisoformat(span["endDate"])
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _metadata() -> dict[str, Any]:
    """Return which dimensions and metrics a report may name."""
    shared = {"description": "", "category": "Session"}
    return {
        "name": f"properties/{PROPERTY}/metadata",
        "dimensions": [{"apiName": name, "uiName": name, **shared} for name in DIMENSIONS],
        "metrics": [
            {"apiName": name, "uiName": name, "type": kind, **shared}
            for name, kind in METRICS.items()
        ],
    }


def _names(body: dict[str, Any], key: str) -> list[str]:
    return [str(one.get("name")) for one in body.get(key) or []]


def _wrong(body: dict[str, Any]) -> str | None:
    """Return what the platform says to a report that it does not make."""
    for name in body:
        if name not in FIELDS:
            return f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    dimensions, metrics = _names(body, "dimensions"), _names(body, "metrics")
    if len(dimensions) > 9 or not 1 <= len(metrics) <= 10 or not body.get("dateRanges"):
        return "Requests are limited to 9 dimensions, 10 metrics and need a date range."
    for kind, asked, known in (
        ("dimension", dimensions, set(DIMENSIONS)),
        ("metric", metrics, set(METRICS)),
    ):
        for name in asked:
            if name not in known:
                return f"Field {name} is not a valid {kind}."
    for order in body.get("orderBys") or []:
        if (order.get("dimension") or {}).get("dimensionName") not in dimensions:
            return "The ordering must be by a dimension of the report."
    return _wrong_spans(body)


def _wrong_spans(body: dict[str, Any]) -> str | None:
    try:
        spans = [_days(span) for span in body["dateRanges"]]
    except (KeyError, ValueError):
        return "Invalid dateRange: a date is no YYYY-MM-DD."
    return None if all(spans) else "Invalid dateRange: startDate lies after endDate."


def _quota() -> dict[str, Any]:
    sizes = {
        "tokensPerDay": 200_000,
        "tokensPerHour": 40_000,
        "tokensPerProjectPerHour": 14_000,
    }
    return {name: {"consumed": COST, "remaining": size - COST} for name, size in sizes.items()} | {
        "concurrentRequests": {"remaining": 10},
        "serverErrorsPerProjectPerHour": {"remaining": 10},
        "potentiallyThresholdedRequestsPerHour": {"remaining": 120},
    }


def _plain(reply: Reply) -> Reply:
    """Take away the older list of reasons, which this API does not have."""
    reply.body["error"].pop("errors", None)
    return reply


PLATFORM = Ga4
