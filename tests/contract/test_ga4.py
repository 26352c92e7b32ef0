"""GA4 against scripted answers: tables by their headers, pages by offset, tokens, lost rows."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Window
from extractors.sources import ga4
from sandbox.company.base import day_of
from sandbox.serve import running
from sandbox.servers.ga4 import CREDENTIALS, PROPERTY
from tests.conftest import Answer, Call, Platform
from tests.contract.cases import TOKEN_REPLY, Case, connect, load, pages

REPORT = "/v1beta/properties/7:runReport"
SESSIONS = ["date", "sessionSource", "sessionMedium", "sessionCampaignName",
            "sessionDefaultChannelGroup"]  # fmt: skip
COUNTS = ["sessions", "engagedSessions", "transactions", "purchaseRevenue"]
EVENTS = [*SESSIONS[:4], "eventName"]


def report(
    dimensions: list[str], metrics: list[str], *rows: list[str], total: int = 0, **more: Any
) -> dict[str, Any]:
    """One page; without rows Google leaves out both rows and rowCount."""
    body: dict[str, Any] = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
        "metadata": {"currencyCode": "EUR", "timeZone": "Europe/Berlin"},
        "kind": "analyticsData#runReport",
        **more,
    }
    cut = len(dimensions)
    if rows:
        body["rows"] = [
            {
                "dimensionValues": [{"value": text} for text in row[:cut]],
                "metricValues": [{"value": text} for text in row[cut:]],
            }
            for row in rows
        ]
        body["rowCount"] = total or len(rows)
    return body


BEFORE = {"/token": TOKEN_REPLY}
CASES = [
    Case(ga4, ga4.sessions, REPORT, report(SESSIONS, COUNTS), BEFORE),
    Case(ga4, ga4.key_events, REPORT, report(EVENTS, ["keyEvents"]), BEFORE),
]


@pytest.fixture
def analytics(platform: Platform) -> Client:
    platform.says("/token", TOKEN_REPLY)
    return connect(ga4, platform.url, [])


def asked(platform: Platform) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in platform.calls if call.path == REPORT]


def test_a_report_is_read_by_offset_to_its_row_count(
    platform: Platform,
    analytics: Client,
    tmp_path: Path,
    db: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ga4, "ROWS", 2)
    one = ["20260220", "youtube", "social", "bts_video", "Organic Video", "12", "7", "0", "0"]
    two = ["20260220", "(direct)", "(none)", "(direct)", "Direct", "3", "1", "2", "59.905"]
    three = ["20260221", "google", "cpc", "(not set)", "Paid Search", "1", "0", "0", "0"]
    platform.says(
        REPORT,
        report(SESSIONS, COUNTS, one, two, total=3),
        report(SESSIONS, COUNTS, three, total=3),
    )

    landed, rows = load(ga4.sessions, pages(ga4.sessions, analytics), tmp_path, db)

    first, second = asked(platform)
    assert first == {
        "dateRanges": [{"startDate": "2026-02-20", "endDate": "2026-02-26"}],
        "dimensions": [{"name": name} for name in SESSIONS],
        "metrics": [{"name": name} for name in COUNTS],
        "orderBys": [{"dimension": {"dimensionName": name}} for name in SESSIONS],
        "limit": "2",
        "offset": "0",
        "returnPropertyQuota": True,
    }
    assert second == first | {"offset": "2"}
    read_at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    money = Decimal("59.905")
    assert [tuple(row.values()) for row in rows] == [
        (date(2026, 2, 20), "(direct)", "(none)", "(direct)", "Direct", 3, 1, 2, money, "EUR",
         read_at),
        (date(2026, 2, 20), "youtube", "social", "bts_video", "Organic Video", 12, 7, 0, 0, "EUR",
         read_at),
        (date(2026, 2, 21), "google", "cpc", "(not set)", "Paid Search", 1, 0, 0, 0, "EUR",
         read_at),
    ]  # fmt: skip
    assert landed.drift == ()


def test_all_pages_of_a_report_carry_the_time_of_its_first_one(
    platform: Platform, analytics: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ga4, "ROWS", 1)
    row = ["20260220", "a", "b", "c", "purchase", "1"]
    late = {"Date": "Mon, 02 Mar 2026 12:00:09 GMT"}
    platform.says(REPORT, report(EVENTS, ["keyEvents"], row, total=2))
    platform.says(REPORT, report(EVENTS, ["keyEvents"], row, total=2), headers=late)

    found = pages(ga4.key_events, analytics)

    assert {page.fetched_at.second for page in found} == {0, 9}
    assert {page.records[0]["read_at"] for page in found} == {"2026-03-02T12:00:00+00:00"}


def test_key_events_have_a_name_and_may_have_a_fraction(
    platform: Platform, analytics: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    row = ["20260220", "facebook", "cpc", "sale", "generate_lead", "1.5"]
    platform.says(REPORT, report(EVENTS, ["keyEvents"], row))

    landed, rows = load(ga4.key_events, pages(ga4.key_events, analytics), tmp_path, db)

    assert [(row["event"], row["key_events"]) for row in rows] == [("generate_lead", 1.5)]
    assert landed.drift == ()


def test_what_the_platform_leaves_out_is_said_once(
    platform: Platform, analytics: Client, caplog: pytest.LogCaptureFixture
) -> None:
    flags = {"subjectToThresholding": True, "samplingMetadatas": [{"samplesReadCount": "5"}]}
    platform.says(REPORT, report(EVENTS, ["keyEvents"], metadata=flags))

    with caplog.at_level(logging.WARNING):
        pages(ga4.key_events, analytics)

    assert caplog.messages == [
        "ga4.key_events: small groups of people are left out",
        "ga4.key_events: the figures are an estimate from a sample",
    ]


def test_the_next_page_is_not_asked_for_without_tokens(
    platform: Platform, analytics: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ga4, "ROWS", 1)
    row = ["20260220", "a", "b", "c", "purchase", "1"]
    quota = {"tokensPerDay": {"remaining": 5}, "tokensPerHour": {"consumed": 40000}}
    platform.says(REPORT, report(EVENTS, ["keyEvents"], row, total=2, propertyQuota=quota))

    with pytest.raises(RetriableError, match=r"tokensPerHour are used up. Run again in an hour"):
        pages(ga4.key_events, analytics)
    assert len(asked(platform)) == 1


@pytest.mark.parametrize(
    ("message", "error", "text"),
    [
        ("Exhausted property tokens per day. These will return", FatalError, "quota of the day"),
        ("Exhausted property tokens for a project per hour.", RetriableError, "answered 429"),
    ],
)
def test_a_used_up_day_is_told_from_a_used_up_hour(
    platform: Platform, analytics: Client, message: str, error: type[Exception], text: str
) -> None:
    body = {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}}
    platform.says(REPORT, body, status=429)

    with pytest.raises(error, match=text):
        pages(ga4.sessions, analytics)


def test_an_api_that_is_switched_off_is_no_missing_right(
    platform: Platform, analytics: Client
) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
    body = {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": details}}
    platform.says(REPORT, body, status=403)

    with pytest.raises(FatalError, match="Enable it in the Google Cloud project"):
        pages(ga4.sessions, analytics)


def test_the_id_of_a_data_stream_is_refused_before_anything_is_sent(
    platform: Platform, analytics: Client
) -> None:
    with pytest.raises(FatalError, match="property 'G-ABC' is no number"):
        pages(ga4.sessions, analytics, property="G-ABC")
    assert platform.calls == []


def test_a_row_that_does_not_fit_its_headers_is_an_error(
    platform: Platform, analytics: Client
) -> None:
    platform.says(REPORT, report(SESSIONS, COUNTS, ["20260220", "a", "b", "c", "d", "1"]))

    with pytest.raises(FatalError, match="gave rows that do not fit their headers"):
        pages(ga4.sessions, analytics)


def test_an_expired_token_is_renewed_once(platform: Platform, analytics: Client) -> None:
    tokens = iter(("one", "two"))
    platform.replies["/token"].clear()
    platform.does("/token", lambda _call: Answer({**TOKEN_REPLY, "access_token": next(tokens)}))

    def answer(call: Call) -> Answer:
        if call.headers["authorization"] == "Bearer two":
            return Answer(report(EVENTS, ["keyEvents"]))
        return Answer({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)

    platform.does(REPORT, answer)

    assert [page.records for page in pages(ga4.key_events, analytics)] == [[]]


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = date(2026, 6, 30)
    monkeypatch.setattr(ga4, "ROWS", 500)
    with running(tmp_path / "out", seed=5, days=90, scale=0.4, last_day=last) as sandbox:
        url = f"{sandbox.url}/ga4"
        settings = {"token_url": f"{url}/token", "property": f"properties/{PROPERTY}"}
        client = ga4.connect(Account("ga4", url, settings, CREDENTIALS))
        scan = Scan(Window.of(date(2026, 4, 1), last, "Europe/Berlin"), None, settings)
        landed, rows = load(ga4.sessions, pages(ga4.sessions, client, asked=scan), tmp_path, db)
        _, events = load(ga4.key_events, pages(ga4.key_events, client, asked=scan), tmp_path, db)
        company = sandbox.company

    assert landed.drift == ()
    assert len(rows) > 2 * 500
    # the people who consented; the youngest four days are not whole yet
    old = date(2026, 6, 26)
    bought = [
        order
        for order in company.shop.orders
        if order.first != "test" and order.person.id % 4 and day_of(order.ordered_at) <= old
    ]
    sold = [row for row in rows if row["day"] <= old]
    assert sum(row["transactions"] for row in sold) == len(bought) > 100
    assert sum(row["purchase_revenue"] for row in sold) == sum(order.amount for order in bought)
    applied = [
        one
        for one in company.recruiting.applications
        if not one.prospect and one.person.id % 4 and day_of(one.applied_at) <= old
    ]
    told = [row for row in events if row["event"] == "submit_application" and row["day"] <= old]
    assert sum(row["key_events"] for row in told) == len(applied) > 100
    assert {row["event"] for row in events} == {"submit_application", "generate_lead", "purchase"}
    assert {row["campaign"] for row in rows if row["day"] > date(2026, 6, 28)} >= {"(not set)"}
    text = json.dumps([rows, events], default=str)
    assert not [value for value in company.personal_values() if value in text]
