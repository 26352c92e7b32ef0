"""Meta ads against scripted answers: figures at once and as reports, forms without answers."""

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
from extractors.sources import meta_ads
from sandbox.serve import running
from sandbox.servers.meta_ads import CREDENTIALS
from tests.conftest import Answer, Call, Platform
from tests.contract.cases import TOKEN, Case, connect, load, pages

V = "/v26.0"
NONE: dict[str, Any] = {"data": []}
ACCOUNTS = f"{V}/{meta_ads.ACCOUNTS}"
INSIGHTS = f"{V}/act_7/insights"
ONE = {"data": [{"account_id": "7", "currency": "EUR", "timezone_name": "Europe/Berlin"}]}
BEFORE = {ACCOUNTS: ONE}
SENT = {"data": [{"ad_id": "77", "actions": [{"action_type": meta_ads.FORM, "value": "2"}]},
                 {"ad_id": "78", "actions": [{"action_type": "link_click", "value": "2"}]},
                 {"ad_id": "79"}]}  # fmt: skip
CASES = [
    Case(meta_ads, meta_ads.accounts, ACCOUNTS, NONE),
    Case(meta_ads, meta_ads.campaigns, f"{V}/act_7/campaigns", NONE, BEFORE),
    Case(meta_ads, meta_ads.ad_sets, f"{V}/act_7/adsets", NONE, BEFORE),
    Case(meta_ads, meta_ads.ads, f"{V}/act_7/ads", NONE, BEFORE),
    Case(meta_ads, meta_ads.ad_days, INSIGHTS, NONE, BEFORE),
    Case(meta_ads, meta_ads.lead_responses, f"{V}/77/leads", NONE, {**BEFORE, INSIGHTS: SENT}),
]
LONG = Scan(Window.of(date(2026, 1, 1), date(2026, 2, 14), "UTC"))


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.says(ACCOUNTS, ONE)
    return connect(meta_ads, platform.url, [])


def figures(ad: str, day: str, **more: Any) -> dict[str, Any]:
    row = {"account_id": "7", "account_currency": "EUR", "campaign_id": "5", "adset_id": "6"}
    row |= {"campaign_name": "Care", "adset_name": "nurses", "ad_id": ad, "impressions": "1873"}
    row |= {"clicks": "44", "inline_link_clicks": "31", "spend": "25.17"}
    row |= {"date_start": day, "date_stop": day, "publisher_platform": "facebook"}
    return row | more


def test_days_are_asked_for_by_platform_with_windows_and_deleted_ads(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    actions = [{"action_type": "lead", "value": "2", "7d_click": "1"}]
    one = figures("77", "2026-02-20", actions=actions)
    other = figures("77", "2026-02-20", publisher_platform="instagram")
    del other["clicks"], other["inline_link_clicks"]
    link = f"{platform.url}{INSIGHTS}?access_token={TOKEN}&after=Mg%3D%3D"
    platform.says(INSIGHTS, {"data": [one], "paging": {"next": link}}, {"data": [other]})

    landed, rows = load(meta_ads.ad_days, pages(meta_ads.ad_days, client), tmp_path, db)

    first, second = platform.asked(INSIGHTS)
    assert json.loads(first["time_range"]) == {"since": "2026-02-20", "until": "2026-02-26"}
    assert (first["level"], first["time_increment"]) == ("ad", "1")
    assert json.loads(first["breakdowns"]) == ["publisher_platform"]
    windows = ["1d_click", "7d_click", "28d_click", "1d_view"]
    assert json.loads(first["action_attribution_windows"]) == windows
    (states,) = json.loads(first["filtering"])
    assert {"ARCHIVED", "DELETED", "ADSET_PAUSED"} <= set(states["value"])
    assert (second["after"], "access_token" in second) == ("Mg==", False)  # the link has one
    assert landed.drift == ()
    found = [(r["publisher_platform"], r["spend"], r["link_clicks"], r["all_clicks"]) for r in rows]
    assert found == [
        ("facebook", Decimal("25.17"), 31, 44),
        ("instagram", Decimal("25.17"), None, None),
    ]
    assert [r["actions"] and json.loads(r["actions"]) for r in rows] == [actions, None]


def test_what_is_claimed_no_longer_goes_with_its_day(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    actions = [{"action_type": "lead", "value": "2"}]
    platform.says(INSIGHTS, {"data": [figures("77", "2026-02-20", actions=actions)]})
    load(meta_ads.ad_days, pages(meta_ads.ad_days, client), tmp_path, db)
    platform.replies[INSIGHTS].clear()
    platform.says(INSIGHTS, {"data": [figures("77", "2026-02-20")]})

    _, rows = load(meta_ads.ad_days, pages(meta_ads.ad_days, client), tmp_path, db)

    assert [(row["ad_id"], row["actions"]) for row in rows] == [("77", None)]


def test_five_weeks_are_read_in_weeks(platform: Platform, client: Client) -> None:
    platform.says(INSIGHTS, NONE)
    window = Window.of(date(2026, 1, 28), date(2026, 2, 26), "UTC")

    pages(meta_ads.ad_days, client, asked=Scan(window))

    spans = [json.loads(one["time_range"]) for one in platform.asked(INSIGHTS)]
    assert spans[0] == {"since": "2026-01-28", "until": "2026-02-03"}
    assert spans[-1] == {"since": "2026-02-25", "until": "2026-02-26"}
    assert len(spans) == 5


def reports(platform: Platform, *statuses: tuple[str, int]) -> list[dict[str, str]]:
    """Script a report for each POST; each is asked about until it ends with its status."""
    asked: list[dict[str, str]] = []

    def begin(call: Call) -> Answer:
        assert call.method == "POST"
        form = dict(part.split("=", 1) for part in call.body.split("&"))
        asked.append(form)
        return Answer({"report_run_id": f"60{len(asked)}"})

    platform.does(INSIGHTS, begin)
    for number, (status, percent) in enumerate(statuses, start=1):
        run = f"{V}/60{number}"
        platform.says(run, {"async_status": "Job Running", "async_percent_completion": 40})
        platform.says(run, {"async_status": "Job Completed", "async_percent_completion": 97})
        platform.says(run, {"async_status": status, "async_percent_completion": percent})
        day = f"2026-01-{number:02}"
        platform.says(f"{run}/insights", {"data": [figures(str(number), day)]})
    return asked


def test_a_large_span_is_made_as_reports_that_are_waited_for(platform: Platform) -> None:
    naps: list[float] = []
    platform.says(ACCOUNTS, ONE)
    asked = reports(platform, ("Job Completed", 100), ("Job Completed", 100))

    read = pages(meta_ads.ad_days, connect(meta_ads, platform.url, naps), asked=LONG)

    assert [row["ad_id"] for page in read for row in page.records] == ["1", "2"]
    assert naps == [15.0] * 4
    assert [form["time_range"].count("2026-01-30") for form in asked] == [1, 0]
    assert all("limit" not in form for form in asked)


def test_a_report_that_fails_is_made_in_halves(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meta_ads, "DAYS_A_REPORT", 45)
    asked = reports(platform, ("Job Failed", 0), ("Job Completed", 100), ("Job Completed", 100))

    read = pages(meta_ads.ad_days, client, asked=LONG)

    assert [row["ad_id"] for page in read for row in page.records] == ["2", "3"]
    assert [form["time_range"].count("2026-01-23") for form in asked] == [0, 1, 0]

    platform.replies.clear()
    platform.says(ACCOUNTS, ONE)
    monkeypatch.setattr(meta_ads, "DAYS_A_REPORT", 1)
    reports(platform, ("Job Skipped", 0))
    with pytest.raises(RetriableError, match="the report on 2026-01-01 failed"):
        pages(meta_ads.ad_days, client, asked=LONG)


def test_a_report_that_is_never_made_ends(platform: Platform, client: Client) -> None:
    platform.says(INSIGHTS, {"report_run_id": "601"})
    platform.says(f"{V}/601", {"async_status": "Job Running", "async_percent_completion": 40})
    with pytest.raises(RetriableError, match="was not made within 30 minutes"):
        pages(meta_ads.ad_days, client, asked=LONG)


def test_the_structure_has_ended_ones_and_the_posts(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    ad = {"id": "77", "adset_id": "6", "campaign_id": "5"}
    shown = {"id": "9", "effective_object_story_id": "1_2"}
    platform.says(f"{V}/act_7/ads", {"data": [{**ad, "creative": shown}, {**ad, "id": "78"}]})

    landed, rows = load(meta_ads.ads, pages(meta_ads.ads, client), tmp_path, db)

    (asked,) = platform.asked(f"{V}/act_7/ads")
    (states,) = json.loads(asked["filtering"])
    assert (states["field"], states["operator"]) == ("ad.effective_status", "IN")
    assert {"ARCHIVED", "DELETED"} <= set(states["value"])
    assert landed.drift == ()
    found = [(r["ad_id"], r["ad_set_id"], r["facebook_post"], r["instagram_post"]) for r in rows]
    assert found == [("77", "6", "1_2", None), ("78", "6", None, None)]


def test_of_a_form_no_answer_is_asked_for_or_kept(
    platform: Platform, client: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(INSIGHTS, SENT)
    row: dict[str, Any] = {
        "id": "998",
        "created_time": "2026-02-20T10:11:12+0000",
        "form_id": "555",
    }
    row |= {"ad_id": "77", "campaign_id": "5", "is_organic": False, "platform": "ig"}
    row |= {"field_data": [{"name": "email", "values": ["secret@example.org"]}]}
    platform.says(f"{V}/77/leads", {"data": [row]})

    read = pages(meta_ads.lead_responses, client)
    landed, rows = load(meta_ads.lead_responses, read, tmp_path, db)

    (looked,) = platform.asked(INSIGHTS)
    assert json.loads(looked["time_range"]) == {"since": "2026-01-23", "until": "2026-02-26"}
    (asked,) = platform.asked(f"{V}/77/leads")
    assert "field_data" not in asked["fields"]
    assert [one["value"] for one in json.loads(asked["filtering"])] == [1771545599, 1772150400]
    assert landed.drift == ()
    found = [(r["lead_id"], r["ad_id"], r["platform"], r["is_organic"]) for r in rows]
    assert found == [("998", "77", "ig", False)]
    assert rows[0]["created_at"].isoformat() == "2026-02-20T10:11:12+00:00"
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes())
    assert b"secret" not in kept
    assert pages(meta_ads.lead_responses, client, leads="off") == []


def test_one_account_may_be_chosen(platform: Platform) -> None:
    platform.says(ACCOUNTS, {"data": [{"account_id": "7"}, {"account_id": "8"}]})
    platform.says(f"{V}/act_8/ads", NONE)
    client = connect(meta_ads, platform.url, [])
    assert len(pages(meta_ads.ads, client, account="act_8")) == 1
    assert len(pages(meta_ads.ads, client, account="8")) == 1


@pytest.mark.parametrize(
    ("code", "text"),
    [(190, "token refused"), (200, "ads_read"), (3018, "is refused .code 3018.")],
)
def test_a_code_says_what_to_do(platform: Platform, client: Client, code: int, text: str) -> None:
    error = {"message": f"about {TOKEN}", "type": "OAuthException", "code": code}
    platform.says(INSIGHTS, {"error": error}, status=400)
    with pytest.raises(FatalError, match=rf"meta_ads\.ad_days: .*{text}") as caught:
        pages(meta_ads.ad_days, client)
    assert TOKEN not in str(caught.value)


def test_everything_that_the_sandbox_shows_arrives(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    faults = "meta_ads:429,meta_ads:reorder,meta_ads:repeat,meta_ads:unknown_key"
    with running(
        tmp_path / "out", seed=5, days=200, scale=0.2, last_day=last, faults=faults
    ) as sandbox:
        url = f"{sandbox.url}/meta_ads"
        client = meta_ads.connect(Account("meta_ads", url, {}, CREDENTIALS))
        client._sleep = lambda _seconds: None
        asked = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"))
        found = {}
        for name in meta_ads.RIGHTS:
            stream = getattr(meta_ads, name)
            landed, found[name] = load(stream, pages(stream, client, asked=asked), tmp_path, db)
            assert landed.drift == ("sandboxNews",), name
        assert sandbox.faults.counts["429"] > 0
        ads = sandbox.company.social.ads

    own = [ad for ad in ads if ad.platform in ("facebook", "instagram") and ad.day <= last]
    days, shown = found["ad_days"], [ad.shown(last) for ad in own]
    assert len(days) == len(own) > 500
    assert sum(row["spend"] for row in days) == sum(spend for _, _, spend, _ in shown)
    assert sum(row["link_clicks"] for row in days) == sum(clicks for _, clicks, _, _ in shown)
    for platform in ("facebook", "instagram"):
        mine = [row for row in days if row["publisher_platform"] == platform]
        assert len(mine) == sum(ad.platform == platform for ad in own) > 0
    assert {row["ad_id"] for row in days} == {row["ad_id"] for row in found["ads"]}
    named = {ad.campaign.name for ad in own if ad.campaign}
    assert named < {row["name"] for row in found["campaigns"]}
    assert any(ad.campaign.ends < last for ad in own if ad.campaign)  # archived, and still there
    kept = [ad for ad in own if (last - ad.day).days <= 90 and ad.campaign]
    forms = [ad for ad in kept if ad.campaign and ad.campaign.goal != "commerce"]
    sent = sum(ad.shown(last)[3] for ad in forms)
    assert len(found["lead_responses"]) == sent > 0
