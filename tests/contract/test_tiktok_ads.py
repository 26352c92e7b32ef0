"""TikTok ads against scripted answers: codes in a 200, numbered pages, thirty days a call."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Window
from extractors.sources import tiktok_ads
from sandbox.company.networks import ads_on
from sandbox.serve import running
from sandbox.servers.tiktok_ads import CREDENTIALS
from sandbox.servers.tiktok_ads_rows import ADVERTISER
from tests.conftest import Platform
from tests.contract.cases import TOKEN, Case, connect, load, pages, scan

NONE: dict[str, Any] = {
    "code": 0,
    "message": "OK",
    "data": {"list": [], "page_info": {"page": 1, "total_number": 0, "total_page": 0}},
}
CASES = [
    Case(tiktok_ads, tiktok_ads.advertisers, tiktok_ads.ADVERTISERS, NONE),
    Case(tiktok_ads, tiktok_ads.campaigns, tiktok_ads.CAMPAIGNS, NONE),
    Case(tiktok_ads, tiktok_ads.ad_groups, tiktok_ads.AD_GROUPS, NONE),
    Case(tiktok_ads, tiktok_ads.ads, tiktok_ads.ADS, NONE),
    Case(tiktok_ads, tiktok_ads.ad_days, tiktok_ads.REPORT, NONE),
]


@pytest.fixture
def client(platform: Platform) -> Client:
    return connect(tiktok_ads, platform.url, [])


def page(number: int, of: int, *rows: dict[str, Any]) -> dict[str, Any]:
    info = {"page": number, "page_size": 1000, "total_number": of, "total_page": of}
    return {"code": 0, "message": "OK", "data": {"list": list(rows), "page_info": info}}


def figures(ad: int, day: str, **more: str) -> dict[str, Any]:
    metrics = {"impressions": "40000", "clicks": "220", "spend": "175.25", "conversion": "14"}
    metrics |= {"onsite_form": "3", "campaign_id": "5", "campaign_name": "Drop"}
    metrics |= {"adgroup_id": "6", "adgroup_name": "parents", **more}
    return {"dimensions": {"ad_id": str(ad), "stat_time_day": day}, "metrics": metrics}


def test_a_list_is_followed_by_number_and_asks_for_deleted_ones_too(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    one = {"campaign_id": "1780000000000000001", "advertiser_id": "7", "campaign_name": "Drop"}
    one |= {"objective_type": "WEB_CONVERSIONS"}
    two = {**one, "campaign_id": "1780000000000000002"}
    platform.says(tiktok_ads.CAMPAIGNS, page(1, 2, one), page(2, 2, two))

    landed, rows = load(tiktok_ads.campaigns, pages(tiktok_ads.campaigns, client), tmp_path, db)

    first, second = platform.asked(tiktok_ads.CAMPAIGNS)
    assert (first["page"], second["page"], first["page_size"]) == ("1", "2", "1000")
    assert json.loads(first["filtering"]) == {"secondary_status": "CAMPAIGN_STATUS_ALL"}
    assert json.loads(first["fields"]) == [
        "campaign_id", "advertiser_id", "campaign_name", "objective_type"
    ]  # fmt: skip
    assert [row["campaign_id"][-2:] for row in rows] == ["01", "02"]
    assert landed.drift == ()
    sent = platform.calls[0].headers
    assert (sent["access-token"], "authorization" in sent) == (TOKEN, False)


def test_a_page_that_was_read_already_is_an_error(platform: Platform, client: Client) -> None:
    platform.says(tiktok_ads.ADS, page(1, 3, {"ad_id": "1"}))
    with pytest.raises(FatalError, match=r"tiktok_ads\.ads: page 2 leads back"):
        pages(tiktok_ads.ads, client)


def test_days_are_read_thirty_at_a_time_and_a_dash_is_no_number(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    none = figures(78, "2026-01-02 00:00:00", conversion="-", spend="0.00", clicks="0")
    platform.says(tiktok_ads.REPORT, page(1, 1, figures(77, "2026-01-01 00:00:00"), none))
    platform.says(tiktok_ads.REPORT, page(1, 1, figures(77, "2026-01-31")))
    window = Window.of(date(2026, 1, 1), date(2026, 2, 9), "UTC")
    asked = Scan(window, None, {"advertiser": "7"})

    read = pages(tiktok_ads.ad_days, client, asked=asked)
    landed, rows = load(tiktok_ads.ad_days, read, tmp_path, db)

    first, second = platform.asked(tiktok_ads.REPORT)
    assert (first["start_date"], first["end_date"]) == ("2026-01-01", "2026-01-30")
    assert (second["start_date"], second["end_date"]) == ("2026-01-31", "2026-02-09")
    assert (first["data_level"], first["report_type"]) == ("AUCTION_AD", "BASIC")
    assert json.loads(first["dimensions"]) == ["ad_id", "stat_time_day"]
    assert landed.drift == ()
    found = [(r["ad_id"], r["day"], r["spend"], r["clicks"], r["conversions"]) for r in rows]
    assert found == [
        ("77", date(2026, 1, 1), Decimal("175.25"), 220, 14),
        ("77", date(2026, 1, 31), Decimal("175.25"), 220, 14),
        ("78", date(2026, 1, 2), Decimal("0.00"), 0, None),
    ]
    assert {(r["advertiser_id"], r["campaign_name"], r["forms"]) for r in rows} == {
        ("7", "Drop", 3)
    }


def test_of_an_advertiser_nobody_is_asked_for(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    row = {"advertiser_id": "7", "currency": "EUR", "timezone": "Europe/Berlin"}
    row |= {"contacter": "secret person", "email": "secret@example.org"}
    platform.says(tiktok_ads.ADVERTISERS, {"code": 0, "data": {"list": [row]}})

    read = pages(tiktok_ads.advertisers, client, advertiser="7, 8")
    _landed, rows = load(tiktok_ads.advertisers, read, tmp_path, db)

    (asked,) = platform.asked(tiktok_ads.ADVERTISERS)
    assert json.loads(asked["advertiser_ids"]) == ["7", "8"]
    assert json.loads(asked["fields"]) == ["advertiser_id", "currency", "timezone"]
    assert [(row["advertiser_id"], row["currency"]) for row in rows] == [("7", "EUR")]
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    assert b"secret" not in zstandard.ZstdDecompressor().decompressobj().decompress(
        part.read_bytes()
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (40105, 'token refused .40105.* Renew the key in connection "tiktok_ads"'),
        (40001, "is not permitted .40001.* the scope Reporting"),
        (40132, "calls of this day are used up .* midnight UTC"),
        (40002, "answered code 40002.* Compare advertiser under tiktok_ads"),
    ],
)
def test_a_code_in_a_good_status_is_an_error(
    platform: Platform, client: Client, code: int, text: str
) -> None:
    said = {"code": code, "message": f"about {TOKEN}", "data": {}}
    platform.says(tiktok_ads.REPORT, said)
    with pytest.raises(FatalError, match=rf"tiktok_ads\.ad_days: .*{text}") as caught:
        pages(tiktok_ads.ad_days, client)
    assert TOKEN not in str(caught.value)


def test_too_many_calls_are_waited_for_and_end(platform: Platform) -> None:
    naps: list[float] = []
    client = connect(tiktok_ads, platform.url, naps)
    busy = {"code": 40100, "message": "Too many requests"}
    platform.says(tiktok_ads.ADS, busy, NONE)
    assert [len(one.records) for one in pages(tiktok_ads.ads, client)] == [0]
    assert len(naps) == 1

    platform.replies[tiktok_ads.ADS].clear()
    platform.says(tiktok_ads.ADS, busy)
    with pytest.raises(RetriableError, match="answered code 40100 after 8 attempts"):
        pages(tiktok_ads.ads, client)
    assert sum(naps[1:]) > 60  # the quota is one of a minute


def test_no_advertiser_says_what_to_write(client: Client) -> None:
    for written in ("", "acme"):
        with pytest.raises(FatalError, match="Write advertiser: and the number"):
            list(tiktok_ads.ads.extract(client, scan(advertiser=written)))


def test_everything_that_the_sandbox_shows_arrives(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    faults = "tiktok_ads:429,tiktok_ads:reorder,tiktok_ads:repeat"
    with running(
        tmp_path / "out", seed=5, days=200, scale=0.2, last_day=last, faults=faults
    ) as sandbox:
        url = f"{sandbox.url}/tiktok_ads"
        settings = {"advertiser": ADVERTISER}
        client = tiktok_ads.connect(Account("tiktok_ads", url, settings, CREDENTIALS))
        client._sleep = lambda _seconds: None
        asked = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"), None, settings)
        found = {}
        for name in tiktok_ads.RIGHTS:
            stream = getattr(tiktok_ads, name)
            landed, found[name] = load(stream, pages(stream, client, asked=asked), tmp_path, db)
            assert landed.drift == (), name
        assert sandbox.faults.counts["429"] > 0
        own = [ad for ad in ads_on(sandbox.company, "tiktok") if ad.day <= last]

    shown, days = [ad.shown(last) for ad in own], found["ad_days"]
    assert len(days) == len(own) > 200
    assert sum(row["spend"] for row in days) == sum(spend for _, _, spend, _ in shown)
    assert sum(row["clicks"] for row in days) == sum(clicks for _, clicks, _, _ in shown)
    claimed = [ad.shown(last)[3] for ad in own if ad.campaign]
    assert sum(row["conversions"] or 0 for row in days) == sum(claimed) > 0
    assert {row["ad_id"] for row in days} == {row["ad_id"] for row in found["ads"]}
    assert {row["adgroup_id"] for row in days} == {row["adgroup_id"] for row in found["ad_groups"]}
    assert {ad.tag for ad in own} == {row["campaign_name"] for row in found["campaigns"]}
    assert [row["currency"] for row in found["advertisers"]] == ["EUR"]
