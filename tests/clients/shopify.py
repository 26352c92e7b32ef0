"""Shopify through ShopifyAPI, the library of Shopify itself: its REST list and its GraphQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import shopify

from tests.clients.script import Given, Rows, main

CLIENT = "ShopifyAPI"
STREAMS = ("orders",)
HOSTS = ("acme-sandbox.myshopify.com",)
VERSION = "2026-10"
JOURNEYS = """
query Journeys($after: String) {
  orders(first: 100, after: $after, sortKey: CREATED_AT) {
    edges {
      node {
        number: legacyResourceId
        app { name }
        paid: netPaymentSet { shopMoney { amount } }
        customerJourneySummary { ready customerOrderIndex lastVisit { source } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def read(given: Given) -> Rows:
    session = shopify.Session(HOSTS[0], VERSION, given.secret("access_token"))
    shopify.ShopifyResource.activate_session(session)
    journeys = dict(_journeys())
    page = shopify.Order.find(status="any", limit=250)
    orders = list(page)
    while page.has_next_page():
        page = page.next_page()
        orders += page
    return {"orders": [_row(order) | journeys[str(order.id)] for order in orders]}


def _journeys() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what only GraphQL tells, by the order's number."""
    after = None
    while True:
        answer = json.loads(shopify.GraphQL().execute(JOURNEYS, {"after": after}))
        found = answer["data"]["orders"]
        for edge in found["edges"]:
            node = edge["node"]
            journey = node["customerJourneySummary"] or {}
            yield (
                node["number"],
                {
                    "app_name": node["app"]["name"],
                    "net_payment": node["paid"]["shopMoney"]["amount"],
                    "is_journey_ready": journey.get("ready"),
                    "customer_order_index": journey.get("customerOrderIndex"),
                    "visit_source": (journey.get("lastVisit") or {}).get("source"),
                },
            )
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


def _row(order: Any) -> dict[str, Any]:
    landing = parse_qs(urlsplit(order.landing_site or "").query)
    utm = {
        f"utm_{name}": landing.get(f"utm_{name}", [None])[0]
        for name in ("source", "medium", "campaign", "content")
    }
    return utm | {
        "order_id": str(order.id),
        "created_at": order.created_at,
        "processed_at": order.processed_at,
        "updated_at": order.updated_at,
        "cancelled_at": order.cancelled_at,
        "is_test": order.test,
        "email": order.email,
        "source_name": order.source_name,
        "financial_status": order.financial_status.upper(),
        "current_total": order.current_total_price,
        "currency": order.currency,
        "referrer_host": urlsplit(order.referring_site or "").hostname,
    }


if __name__ == "__main__":
    main(read)
