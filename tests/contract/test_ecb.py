"""The ECB's rates against scripted answers: SDMX-JSON by place, a week before, gaps."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Window
from extractors.sources import ecb
from sandbox.company.rates import in_business_currency, is_working_day, rate_on, rates
from sandbox.serve import running
from tests.conftest import Answer, Platform
from tests.contract.cases import Case, connect, load, pages

NAMES = ("FREQ", "CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "EXR_SUFFIX")


def answer(series: dict[str, Any], currencies: list[str], days: list[str]) -> dict[str, Any]:
    lists = {name: [{"id": name[0]}] for name in NAMES}
    lists["CURRENCY"] = [{"id": one, "name": "Money"} for one in currencies]
    dimensions = {
        "series": [{"id": name, "values": lists[name]} for name in NAMES],
        "observation": [{"id": "TIME_PERIOD", "values": [{"id": day} for day in days]}],
    }
    return {
        "dataSets": [{"action": "Replace", "series": series}],
        "structure": {"dimensions": dimensions},
    }


CASES = [Case(ecb, ecb.rates, ecb.RATES, answer({}, [], []))]


@pytest.fixture
def bank(platform: Platform) -> Client:
    return connect(ecb, platform.url, [])


def test_rates_are_found_by_their_places_and_days_without_one_have_no_record(
    platform: Platform, bank: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    series = {
        "0:0:0:0:0": {"observations": {"0": [0.9345, 0, None], "2": [0.9351]}},
        "0:1:0:0:0": {"attributes": [], "observations": {"0": [161.24], "1": [None], "2": []}},
    }
    days = ["2026-02-20", "2026-02-23", "2026-02-24"]
    platform.says(ecb.RATES, answer(series, ["CHF", "JPY"], days))

    landed, rows = load(ecb.rates, pages(ecb.rates, bank), tmp_path, db)

    assert platform.asked(ecb.RATES) == [
        {
            "startPeriod": "2026-02-13",
            "endPeriod": "2026-02-26",
            "detail": "dataonly",
            "format": "jsondata",
        }
    ]
    assert landed.drift == ()
    assert [tuple(row.values()) for row in rows] == [
        ("CHF", date(2026, 2, 20), 0.9345),
        ("CHF", date(2026, 2, 24), 0.9351),
        ("JPY", date(2026, 2, 20), 161.24),
    ]


@pytest.mark.parametrize(
    "nothing",
    [
        Answer(b"No results found", 404, {"Content-Type": "text/plain"}),
        Answer(b"No results found.", 404),
        Answer(b"", 200),
    ],
)
def test_a_span_without_a_rate_is_an_empty_answer(
    platform: Platform, bank: Client, nothing: Answer
) -> None:
    platform.replies[ecb.RATES] = [nothing]

    (page,) = pages(ecb.rates, bank)

    assert page.records == []


def test_a_web_page_is_no_span_without_a_rate(platform: Platform, bank: Client) -> None:
    platform.says(ecb.RATES, b"<html>", status=404, headers={"Content-Type": "text/html"})

    with pytest.raises(FatalError, match=r"answered 404\. Compare base_url"):
        pages(ecb.rates, bank)


@pytest.mark.parametrize("series", [{"0:7:0:0:0": {}}, {"0": {}}, {"0:x:0:0:0": {}}])
def test_a_place_that_the_structure_does_not_name_is_an_error(
    platform: Platform, bank: Client, series: dict[str, Any]
) -> None:
    platform.says(ecb.RATES, answer(series, ["CHF"], ["2026-02-20"]))

    with pytest.raises(FatalError, match="whose CURRENCY its structure does not name"):
        pages(ecb.rates, bank)


def test_no_header_holds_a_credential(platform: Platform, bank: Client) -> None:
    platform.says(ecb.RATES, answer({}, [], []))

    pages(ecb.rates, bank)

    assert "authorization" not in platform.calls[0].headers


def test_a_simulated_amount_takes_the_last_rate_of_a_week_at_most() -> None:
    friday, sunday = date(2026, 4, 10), date(2026, 4, 12)
    closed = [date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2025, 12, 26)]
    assert not any(is_working_day(day) for day in [sunday, *closed])
    units = rate_on("CHF", friday)
    assert units is not None
    assert rate_on("CHF", sunday) is None
    worth = in_business_currency(Decimal(100), "CHF", sunday)
    assert worth == in_business_currency(Decimal(100), "CHF", friday)
    assert worth is not None
    assert abs(worth * units - 100) < Decimal("0.0001")
    assert in_business_currency(Decimal(1), "XAU", friday) is None
    assert in_business_currency(Decimal("1.00005"), "EUR", friday) == Decimal("1.00005")


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    with running(
        tmp_path / "out", seed=5, days=60, scale=0.1, last_day=last, sources=["ecb"]
    ) as sandbox:
        client = ecb.connect(Account("ecb", f"{sandbox.url}/ecb", {}, {}))
        first = sandbox.company.first
        asked = Scan(Window.of(first, last + timedelta(days=3), "Europe/Berlin"))
        landed, rows = load(ecb.rates, pages(ecb.rates, client, asked=asked), tmp_path, db)

    assert landed.drift == ()
    expected = [(c, day, float(units)) for c, day, units in rates(first - timedelta(7), last)]
    assert [tuple(row.values()) for row in rows] == expected
    assert len({row["currency"] for row in rows}) == 7
