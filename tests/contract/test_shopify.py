"""Shopify against scripted answers: cursors, points, errors with status 200, sixty days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
import zstandard

from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Account, Scan, Window
from extractors.sources import shopify
from sandbox.company import cutoff
from sandbox.company.base import CURRENCY
from sandbox.serve import running
from sandbox.servers.shopify import CREDENTIALS
from tests.conftest import SECRET, Platform
from tests.contract.cases import SECRETS, TOKEN, TOKEN_REPLY, Case, connect, load, pages, scan

LAST_PAGE = {"hasNextPage": False, "endCursor": "c9"}
EMPTY = {"data": {"orders": {"nodes": [], "pageInfo": LAST_PAGE}}}
BEFORE = {"/token": TOKEN_REPLY}
CASES = [Case(shopify, shopify.orders, shopify.GRAPHQL, EMPTY, BEFORE)]
POINTS = {"maximumAvailable": 2000.0, "currentlyAvailable": 66, "restoreRate": 100.0}


@pytest.fixture
def shop(platform: Platform) -> Client:
    platform.says("/token", TOKEN_REPLY)
    return connect(shopify, platform.url, [])


def order(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Order/{number}",
        "legacyResourceId": str(number),
        "createdAt": "2026-02-20T10:00:00Z",
        "processedAt": "2026-02-20T09:59:00Z",
        "updatedAt": "2026-02-21T10:00:00Z",
        "cancelledAt": None,
        "test": False,
        "email": " Ada@Example.com ",
        "sourceName": "web",
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "app": {"name": "Online Store"},
        "currentTotalPriceSet": {"shopMoney": {"amount": "59.9", "currencyCode": "EUR"}},
        "netPaymentSet": {"shopMoney": {"amount": "49.9"}},
        "customerJourneySummary": {
            "ready": True,
            "customerOrderIndex": 1,
            "lastVisit": {
                "source": "Instagram",
                "referrerUrl": "https://l.instagram.com/?u=ada.example",
                "utmParameters": {
                    "source": "ig",
                    "medium": "paid_social",
                    "campaign": "spring",
                    "content": None,
                },
            },
        },
        **more,
    }


def answer(*orders: dict[str, Any], after: str | None = None, **more: Any) -> dict[str, Any]:
    info = {"hasNextPage": True, "endCursor": after} if after else LAST_PAGE
    data = {"orders": {"nodes": list(orders), "pageInfo": info}, **more.pop("data", {})}
    return {"data": data, **more}


def variables(platform: Platform) -> list[dict[str, Any]]:
    calls = [call for call in platform.calls if call.path == shopify.GRAPHQL]
    return [orjson.loads(call.body)["variables"] for call in calls]


def test_orders_are_followed_by_cursor_in_the_window_of_their_change(
    platform: Platform, shop: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(shopify.GRAPHQL, answer(order(5001), after="c1"), answer(order(5002)))

    landed, rows = load(shopify.orders, pages(shopify.orders, shop), tmp_path, db)

    asked = {
        "q": "updated_at:>='2026-02-20T00:00:00Z' AND updated_at:<'2026-02-28T00:00:00Z'",
        "first": 50,
        "after": None,
    }
    assert variables(platform) == [asked, {**asked, "after": "c1"}]
    assert platform.calls[-1].headers["x-shopify-access-token"] == TOKEN
    assert "authorization" not in platform.calls[-1].headers
    assert landed.drift == ()
    assert [row["order_id"] for row in rows] == ["5001", "5002"]
    first = rows[0]
    assert first["processed_at"].isoformat() == "2026-02-20T09:59:00+00:00"
    assert (first["current_total"], first["net_payment"]) == (Decimal("59.9"), Decimal("49.9"))
    assert (first["currency"], first["customer_order_index"]) == ("EUR", 1)
    assert (first["visit_source"], first["referrer_host"]) == ("Instagram", "l.instagram.com")
    assert (first["utm_source"], first["utm_campaign"]) == ("ig", "spring")


def test_the_customer_is_a_pseudonym_and_no_address_reaches_the_disk(
    platform: Platform, shop: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(shopify.GRAPHQL, answer(order(1), order(2, email=None, note="call Ada")))

    landed, rows = load(shopify.orders, pages(shopify.orders, shop), tmp_path, db)

    assert [row["email"] for row in rows] == [pseudonymiser(SECRET)("ada@example.com"), None]
    assert landed.drift == ("note",)
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert "ada" not in kept.lower()


def test_an_order_without_a_journey_keeps_what_is_known(
    platform: Platform, shop: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    unready = {"ready": False, "customerOrderIndex": None, "lastVisit": None}
    platform.says(
        shopify.GRAPHQL,
        answer(
            order(1, sourceName="pos", customerJourneySummary=None, app=None),
            order(2, customerJourneySummary=unready),
        ),
    )

    _, rows = load(shopify.orders, pages(shopify.orders, shop), tmp_path, db)

    found = [(r["source_name"], r["is_journey_ready"], r["customer_order_index"]) for r in rows]
    assert found == [("pos", None, None), ("web", False, None)]
    assert {row["referrer_host"] for row in rows} == {None}


def test_points_are_waited_for_before_the_platform_throttles(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    cost = {"requestedQueryCost": 516, "actualQueryCost": 516, "throttleStatus": POINTS}
    spent: dict[str, Any] = {"extensions": {"cost": cost}}
    platform.says(shopify.GRAPHQL, answer(order(1), after="c1", **spent), answer(**spent))
    naps: list[float] = []

    pages(shopify.orders, connect(shopify, platform.url, naps))

    assert naps == [4.5]


def test_a_throttled_query_is_asked_again_when_it_can_be_paid(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    cost = {"requestedQueryCost": 516, "actualQueryCost": None, "throttleStatus": POINTS}
    throttled = {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": cost},
    }
    platform.says(shopify.GRAPHQL, throttled, answer(order(1)))
    naps: list[float] = []

    found = pages(shopify.orders, connect(shopify, platform.url, naps))

    assert [len(page.records) for page in found] == [1]
    assert naps == [4.5]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ACCESS_DENIED", "not permitted (ACCESS_DENIED). Grant read_orders"),
        ("MAX_COST_EXCEEDED", "costs too many points"),
        ("SHOP_INACTIVE", "closed or frozen"),
        ("undefinedField", "the query was refused (undefinedField)"),
    ],
)
def test_an_error_with_status_200_is_an_error(
    platform: Platform, shop: Client, code: str, text: str
) -> None:
    error = {"message": "secret of Ada", "path": ["orders"], "extensions": {"code": code}}
    platform.says(shopify.GRAPHQL, {"data": None, "errors": [error]})

    with pytest.raises(FatalError) as caught:
        pages(shopify.orders, shop)

    assert text in str(caught.value)
    assert "Ada" not in str(caught.value)


def test_a_failure_of_the_platform_is_tried_again(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    failed = {"errors": [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
    platform.says(shopify.GRAPHQL, failed)
    naps: list[float] = []

    with pytest.raises(RetriableError, match="INTERNAL_SERVER_ERROR"):
        pages(shopify.orders, connect(shopify, platform.url, naps))

    assert len(naps) == 5


def test_an_app_that_may_not_see_the_address_still_reads_orders(
    platform: Platform, shop: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    path = ["orders", "nodes", 0, "email"]
    denied = {"message": "x", "path": path, "extensions": {"code": "ACCESS_DENIED"}}
    platform.says(shopify.GRAPHQL, answer(order(1, email=None), errors=[denied]))

    _, rows = load(shopify.orders, pages(shopify.orders, shop), tmp_path, db)

    assert [(row["order_id"], row["email"]) for row in rows] == [("1", None)]


def scopes(*handles: str) -> dict[str, Any]:
    return {"currentAppInstallation": {"accessScopes": [{"handle": one} for one in handles]}}


def test_a_history_that_would_be_cut_is_an_error(platform: Platform, shop: Client) -> None:
    old = Scan(Window.of(date(2025, 12, 31), date(2026, 2, 26), "UTC"))
    platform.says(shopify.GRAPHQL, answer(order(1), data=scopes("read_orders")))
    with pytest.raises(FatalError) as caught:
        pages(shopify.orders, shop, asked=old)

    assert str(caught.value) == (
        "shopify.orders: orders since 2025-12-31 are asked for, the app sees 60 days only. Request"
        " read_all_orders for the app, or set since: 2026-01-02 under shopify: in sources.yml."
    )
    platform.replies[shopify.GRAPHQL].clear()
    platform.says(shopify.GRAPHQL, answer(data=scopes("read_orders", "read_all_orders")))
    pages(shopify.orders, shop, asked=old)
    edge = Scan(Window.of(date(2026, 1, 1), date(2026, 2, 26), "UTC"))
    platform.replies[shopify.GRAPHQL].clear()
    platform.says(shopify.GRAPHQL, answer(data=scopes("read_orders")))
    pages(shopify.orders, shop, asked=edge)


def test_a_cursor_that_comes_back_is_an_error(platform: Platform, shop: Client) -> None:
    platform.says(shopify.GRAPHQL, answer(order(1), after="c1"))

    with pytest.raises(FatalError, match=r"shopify\.orders: page 2 leads back"):
        list(islice(shopify.orders.extract(shop, scan()), 9))


def test_the_token_of_an_older_app_is_enough_and_none_is_not(platform: Platform) -> None:
    platform.says(shopify.GRAPHQL, EMPTY)
    own = {"access_token": SECRETS["access_token"]}
    pages(shopify.orders, shopify.connect(Account("shopify", platform.url, {}, own)))
    assert platform.calls[0].headers["x-shopify-access-token"] == TOKEN

    with pytest.raises(FatalError, match="BEYOND_LIKES_SHOPIFY_CLIENT_ID"):
        shopify.connect(Account("shopify", platform.url, {}, {"client_id": "x"}))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    with running(
        tmp_path / "out", seed=5, days=90, scale=0.4, last_day=last, sources=["shopify"]
    ) as sandbox:
        account = Account("shopify", f"{sandbox.url}/shopify", {}, CREDENTIALS)
        whole = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"))
        found = pages(shopify.orders, shopify.connect(account), asked=whole)
        landed, rows = load(shopify.orders, found, tmp_path, db)
        company = sandbox.company

    end, sign = cutoff(last), pseudonymiser(SECRET)
    orders = {str(5_600_000_000_000 + int(one.id[2:])): one for one in company.orders("shopify")
              if one.ordered_at < end}  # fmt: skip
    assert landed.drift == ()
    assert {row["order_id"] for row in rows} == set(orders)
    assert len(rows) > 2 * shopify.LISTED
    for row in rows:
        order, status = orders[row["order_id"]], orders[row["order_id"]].status(end)
        assert row["is_test"] is (status == "test")
        assert (row["cancelled_at"] is not None) is (status == "cancelled")
        assert row["email"] == sign(order.person.email)
        if status not in ("test", "cancelled"):
            assert row["net_payment"] == order.net(end)
        first = {True: 1, False: 3, None: None}[order.new_customer]
        assert status == "test" or row["customer_order_index"] == first
        assert row["utm_campaign"] == order.trace.utm_campaign
        assert row["utm_source"] == order.trace.utm_source
    assert {row["currency"] for row in rows} == {CURRENCY, "CHF"}
    assert {row["financial_status"] for row in rows} >= {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"}
    assert len([row for row in rows if row["source_name"] != "web"]) > 0
