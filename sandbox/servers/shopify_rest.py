"""Shopify's older REST list of orders: pages by the Link header, times with the shop's offset."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.company.base import ZONE
from sandbox.servers.wire import Reply, Request, as_moment

MOST, USUAL = 250, 50
TIMES = {"created_at": "createdAt", "processed_at": "processedAt", "updated_at": "updatedAt"}


def orders(rows: list[dict[str, Any]], request: Request) -> Reply:
    """Answer one page of orders; with `page_info` nothing but `limit` and `fields` may be asked."""
    params = request.params
    info = params.get("page_info")
    if info and set(params) - {"page_info", "limit", "fields"}:
        text = "Invalid value."
        return Reply({"errors": {"page_info": text}}, 400)
    limit = params.get("limit", str(USUAL))
    if not limit.isdigit() or not 1 <= int(limit) <= MOST:
        return Reply({"errors": {"limit": "must be between 1 and 250"}}, 400)
    asked: dict[str, Any] = {"at": 0, **params}
    if info:
        asked = json.loads(base64.urlsafe_b64decode(info))
    found = sorted(_chosen(rows, asked), key=lambda row: _rank(row, asked), reverse=_down(asked))
    start, size = int(asked["at"]), int(limit)
    page = [_spelled(row, params.get("fields", "")) for row in found[start : start + size]]
    reply = Reply({"orders": page}, records=page, key_fields=("id", "name"))
    reply.headers["X-Shopify-Shop-Api-Call-Limit"] = "1/40"
    if start + size < len(found):
        kept = {k: v for k, v in params.items() if k in ("limit", "fields")}
        token = json.dumps({**asked, "at": start + size}).encode()
        query = urlencode({**kept, "page_info": base64.urlsafe_b64encode(token).decode()})
        reply.next_url = f"{request.base}{request.path}?{query}"

        def link(url: str) -> None:
            reply.headers["Link"] = f'<{url}>; rel="next"'

        link(reply.next_url)
        reply.set_next = link
    return reply


def _chosen(rows: list[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the orders that the filters leave; without a status only open ones are listed."""
    found = rows
    if asked.get("status", "open") in ("open", "cancelled"):
        cancelled = asked.get("status") == "cancelled"
        found = [row for row in found if (row["cancelledAt"] is not None) is cancelled]
    for name, own in TIMES.items():
        if asked.get(f"{name}_min"):
            least = as_moment(asked[f"{name}_min"])
            found = [row for row in found if as_moment(row[own]) >= least]
        if asked.get(f"{name}_max"):
            most = as_moment(asked[f"{name}_max"])
            found = [row for row in found if as_moment(row[own]) <= most]
    if asked.get("since_id"):
        found = [row for row in found if row["_number"] > int(asked["since_id"])]
    return found


def _rank(row: dict[str, Any], asked: dict[str, Any]) -> tuple[str, int]:
    name = str(asked.get("order", "created_at desc")).split(" ")[0]
    return ("", row["_number"]) if asked.get("since_id") else (row[TIMES[name]], row["_number"])


def _down(asked: dict[str, Any]) -> bool:
    ordered = str(asked.get("order", "created_at desc")).lower()
    return ordered.endswith(" desc") and not asked.get("since_id")


def _spelled(row: dict[str, Any], fields: str) -> dict[str, Any]:
    """Return an order in REST's words: the same facts, flat, with the visit's two addresses."""
    visited = row["_visited"] or {}
    landing = urlsplit(visited.get("landingPage") or "")
    money = {name: row[name]["shopMoney"] for name in ("currentTotalPriceSet", "totalPriceSet")}
    whole = {
        "id": row["_number"],
        "admin_graphql_api_id": row["id"],
        "name": row["name"],
        "order_number": int(row["name"].removeprefix("#")),
        "created_at": _local(row["createdAt"]),
        "updated_at": _local(row["updatedAt"]),
        "processed_at": _local(row["processedAt"]),
        "cancelled_at": _local(row["cancelledAt"]),
        "cancel_reason": row["cancelReason"] and row["cancelReason"].lower(),
        "closed_at": None,
        "currency": row["currencyCode"],
        "total_price": _two(money["totalPriceSet"]["amount"]),
        "current_total_price": _two(money["currentTotalPriceSet"]["amount"]),
        "financial_status": row["displayFinancialStatus"].lower(),
        "fulfillment_status": None,
        "test": row["test"],
        "email": row["email"],
        "source_name": row["sourceName"],
        "source_identifier": None,
        "source_url": None,
        "landing_site": f"{landing.path}?{landing.query}"
        if landing.query
        else landing.path or None,
        "landing_site_ref": None,
        "referring_site": visited.get("referrerUrl"),
        "note_attributes": [],
        "tags": "",
        "discount_codes": [],
        "refunds": [],
    }
    names = [name.strip() for name in fields.split(",") if name.strip()]
    return {name: value for name, value in whole.items() if not names or name in names}


def _local(text: str | None) -> str | None:
    return as_moment(text).astimezone(ZONE).isoformat() if text else None


def _two(amount: str) -> str:
    return f"{float(amount):.2f}"
