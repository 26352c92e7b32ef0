"""Orders of the simulated shop as Shopify tells them; both of its APIs are spelled from these."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sandbox.company import Company
from sandbox.company.shop import NO_ORDER, Order
from sandbox.company.systems import VISITS, untagged
from sandbox.servers.wire import iso

FIRST_ID = 5_600_000_000_000  # order ids are larger than 32 bits hold
READY_AFTER = timedelta(hours=6)
STATUS = {
    "paid": "PAID",
    "fulfilled": "PAID",
    "cancelled": "PAID",
    "partially_refunded": "PARTIALLY_REFUNDED",
    "refunded": "REFUNDED",
    "test": "PAID",
}
REFERRERS = {
    "Instagram": "https://l.instagram.com/",
    "Facebook": "https://lm.facebook.com/",
    "YouTube": "https://www.youtube.com/",
    "TikTok": "https://www.tiktok.com/",
    "Google": "https://www.google.com/",
}


def orders(company: Company, end: datetime) -> list[dict[str, Any]]:
    """Return the orders placed before `end`, as they are then, by the time of their last change."""
    found = [_order(one, end) for one in company.orders("shopify") if one.ordered_at < end]
    return sorted(found, key=lambda row: (row["updatedAt"], row["_number"]))


def _order(order: Order, end: datetime) -> dict[str, Any]:
    number = FIRST_ID + int(order.id.removeprefix("B-"))
    status, changed = order.status(end), order.changed_at
    updated = changed if changed and changed < end else order.ordered_at
    cancelled = iso(changed, millis=False) if status == "cancelled" else None
    left = Decimal(0) if cancelled else order.net(end)
    visited = visit(order) if by_visit(order) else None
    source = "web" if by_visit(order) else str(order.trace.source).lower().replace(" ", "_")
    return {
        "_number": number,
        "_visited": visited,
        "id": f"gid://shopify/Order/{number}",
        "legacyResourceId": str(number),
        "name": f"#{number - FIRST_ID}",
        "createdAt": iso(order.ordered_at, millis=False),
        "processedAt": iso(order.ordered_at, millis=False),
        "updatedAt": iso(updated, millis=False),
        "cancelledAt": cancelled,
        "cancelReason": "CUSTOMER" if cancelled else None,
        "test": status == "test",
        "email": order.person.email,
        "sourceName": source,
        "sourceIdentifier": None,
        "registeredSourceUrl": None,
        "displayFinancialStatus": "VOIDED" if cancelled else STATUS[status],
        "currencyCode": order.currency,
        "tags": [],
        "discountCodes": [],
        "app": {"name": "Online Store" if source == "web" else "Desk"},
        "currentTotalPriceSet": _money(left, order.currency),
        "totalPriceSet": _money(order.amount, order.currency),
        "totalRefundedSet": _money(order.amount - order.net(end), order.currency),
        "netPaymentSet": _money(left, order.currency),
        "customerJourneySummary": _journey(order, visited, end),
    }


def by_visit(order: Order) -> bool:
    """Tell whether the order came through the online store."""
    return not untagged(order.trace) or order.trace.source in (None, *VISITS)


def visit(order: Order) -> dict[str, Any] | None:
    """Return the visit that led to the order; None where nothing is known of it."""
    trace, at = order.trace, order.ordered_at - timedelta(minutes=7)
    utm = {
        "source": trace.utm_source,
        "medium": trace.utm_medium,
        "campaign": trace.utm_campaign,
        "content": trace.utm_content,
        "term": None,
    }
    tagged = any(utm.values())
    if not tagged and trace.source is None:
        return None
    query = urlencode({f"utm_{name}": value for name, value in utm.items() if value})
    source = trace.source if trace.source in VISITS else "an unknown source"
    return {
        "occurredAt": iso(at, millis=False),
        "landingPage": "https://shop.acme.example/products/mug" + (f"?{query}" if query else ""),
        "referrerUrl": REFERRERS.get(source),
        "referralCode": None,
        "source": source,
        "sourceType": None,
        "sourceDescription": f"Referral from {source}",
        "utmParameters": utm if tagged else None,
    }


def _journey(order: Order, visited: dict[str, Any] | None, end: datetime) -> dict[str, Any] | None:
    """Return which order of the customer it is and its visits; a till or an app knows neither."""
    if not by_visit(order):
        return None
    index = {True: 1, False: 3, None: None}[order.new_customer]
    ready = visited is not None or index is not None or end - order.ordered_at > READY_AFTER
    return {
        "ready": ready,
        "customerOrderIndex": index if order.first not in NO_ORDER else None,
        "daysToConversion": 0 if visited else None,
        "momentsCount": {"count": int(visited is not None)} if ready else None,
        "firstVisit": visited,
        "lastVisit": visited,
    }


def _money(amount: Decimal, currency: str) -> dict[str, Any]:
    money = {"amount": _plain(amount), "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}


def _plain(amount: Decimal) -> str:
    """Return the shortest spelling with at least one decimal, as GraphQL writes money."""
    text = f"{amount:.2f}"
    return text[:-1] if text.endswith("0") else text
