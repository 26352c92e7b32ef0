"""LinkedIn ads against scripted answers: page tokens, cut answers, forms without theirs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Window
from extractors.sources import linkedin_ads
from sandbox.serve import running
from sandbox.servers.linkedin_ads import CREDENTIALS, DEFAULT_GROUP
from tests.conftest import Answer, Call, Platform
from tests.contract.cases import Case, connect, load, pages, scan

NONE: dict[str, Any] = {"elements": [], "metadata": {}}
ONE = {"elements": [{"id": 7, "name": "Acme", "currency": "EUR", "status": "ACTIVE"}]}
BEFORE = {linkedin_ads.ACCOUNTS: ONE}
OWN = f"{linkedin_ads.ACCOUNTS}/7"
CASES = [
    Case(linkedin_ads, linkedin_ads.accounts, linkedin_ads.ACCOUNTS, NONE),
    Case(linkedin_ads, linkedin_ads.campaign_groups, f"{OWN}/adCampaignGroups", NONE, BEFORE),
    Case(linkedin_ads, linkedin_ads.campaigns, f"{OWN}/adCampaigns", NONE, BEFORE),
    Case(linkedin_ads, linkedin_ads.creatives, f"{OWN}/creatives", NONE, BEFORE),
    Case(linkedin_ads, linkedin_ads.ad_days, linkedin_ads.DAYS, NONE, BEFORE),
    Case(linkedin_ads, linkedin_ads.lead_responses, linkedin_ads.LEADS, NONE, BEFORE),
]


@pytest.fixture
def ads(platform: Platform) -> Client:
    platform.says(linkedin_ads.ACCOUNTS, ONE)
    return connect(linkedin_ads, platform.url, [])


def figures(creative: int, day: int, **more: Any) -> dict[str, Any]:
    on = {"year": 2026, "month": 2, "day": day}
    return {
        "pivotValues": [f"urn:li:sponsoredCreative:{creative}"],
        "dateRange": {"start": on, "end": on},
        "impressions": 1873,
        "clicks": 14,
        "landingPageClicks": 9,
        "costInLocalCurrency": "187.61360800000000",
        "oneClickLeads": 1,
        "externalWebsiteConversions": 2,
        **more,
    }


def test_the_structure_is_followed_by_page_token_and_asks_for_ended_ones(
    platform: Platform, ads: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    one = {"id": 5, "account": "urn:li:sponsoredAccount:7", "name": "A", "status": "ARCHIVED"}
    one |= {"campaignGroup": "urn:li:sponsoredCampaignGroup:9", "dailyBudget": {"amount": "50.00"}}
    path = f"{OWN}/adCampaigns"
    platform.says(path, {"elements": [one], "metadata": {"nextPageToken": "Dg/G="}})
    platform.says(path, {"elements": [{**one, "id": 6}], "metadata": {}})

    read = pages(linkedin_ads.campaigns, ads)
    landed, rows = load(linkedin_ads.campaigns, read, tmp_path, db)

    first, second = platform.asked(path)
    assert first["q"] == "search"
    assert {"ARCHIVED", "COMPLETED", "REMOVED"} <= set(first["search"][24:-3].split(","))
    assert (first["pageSize"], second["pageToken"]) == ("100", "Dg/G=")
    assert [(r["campaign_id"], r["campaign_group"]) for r in rows] == [
        ("5", "urn:li:sponsoredCampaignGroup:9"),
        ("6", "urn:li:sponsoredCampaignGroup:9"),
    ]
    assert landed.drift == ()
    sent = platform.calls[-1].headers
    assert (sent["x-restli-method"], sent["linkedin-version"]) == ("FINDER", "202609")


def test_a_creative_names_its_post_and_campaign(
    platform: Platform, ads: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    urn, campaign = "urn:li:sponsoredCreative:77", "urn:li:sponsoredCampaign:5"
    post = {"id": urn, "campaign": campaign, "content": {"reference": "urn:li:share:1"}}
    text = {"id": f"{urn}8", "campaign": campaign, "content": {"textAd": {"headline": "x"}}}
    platform.says(f"{OWN}/creatives", {"elements": [post, text], "metadata": {}})

    _, rows = load(linkedin_ads.creatives, pages(linkedin_ads.creatives, ads), tmp_path, db)

    assert [(row["campaign"], row["post"]) for row in rows] == [
        (campaign, "urn:li:share:1"),
        (campaign, None),
    ]


def test_days_are_asked_for_with_the_names_of_creative_and_day(
    platform: Platform, ads: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    refund = figures(77, 21, costInLocalCurrency="-0.5", oneClickLeads=None)
    platform.says(linkedin_ads.DAYS, {"elements": [figures(77, 20), refund]})

    landed, rows = load(linkedin_ads.ad_days, pages(linkedin_ads.ad_days, ads), tmp_path, db)

    (asked,) = platform.asked(linkedin_ads.DAYS)
    assert asked["accounts"] == "List(urn:li:sponsoredAccount:7)"
    assert (asked["pivot"], asked["timeGranularity"]) == ("CREATIVE", "DAILY")
    bounds = "(start:(year:2026,month:2,day:20),end:(year:2026,month:2,day:26))"
    assert asked["dateRange"] == bounds
    assert {"pivotValues", "dateRange"} <= set(asked["fields"].split(","))
    assert landed.drift == ()
    found = [(r["creative"][-2:], r["day"], r["spend"], r["leads"], r["account_id"]) for r in rows]
    assert found == [
        ("77", date(2026, 2, 20), Decimal("187.6136"), 1, "7"),
        ("77", date(2026, 2, 21), Decimal("-0.5"), None, "7"),
    ]


def test_an_answer_that_may_be_cut_off_is_asked_for_in_halves(
    platform: Platform, ads: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linkedin_ads, "MOST_ROWS", 3)

    def answer(call: Call) -> Answer:
        first, last = (
            int(part.split(")")[0]) for part in call.query["dateRange"].split("day:")[1:]
        )
        return Answer({"elements": [figures(1, day) for day in range(first, last + 1)][:3]})

    platform.does(linkedin_ads.DAYS, answer)

    read = pages(linkedin_ads.ad_days, ads)

    days = [record["day"] for page in read for record in page.records]
    assert days == [f"2026-02-{day}" for day in range(20, 27)]
    monkeypatch.setattr(linkedin_ads, "MOST_ROWS", 1)
    with pytest.raises(FatalError, match="2026-02-20 has 1 creatives or more, some were cut off"):
        pages(linkedin_ads.ad_days, ads)


def test_a_long_window_is_asked_in_steps_up_to_the_platforms_day(
    platform: Platform, ads: Client
) -> None:
    platform.says(linkedin_ads.DAYS, NONE)
    window = Window.of(date(2025, 12, 31), date(2026, 3, 9), "UTC")

    pages(linkedin_ads.ad_days, ads, asked=Scan(window, None, {}))

    spans = [one["dateRange"] for one in platform.asked(linkedin_ads.DAYS)]
    assert len(spans) == 3
    assert spans[0].endswith("end:(year:2026,month:1,day:29))")
    assert spans[1].startswith("(start:(year:2026,month:1,day:30)")
    assert spans[2].endswith("end:(year:2026,month:3,day:2))")  # not the 9th


def test_of_a_form_neither_answer_nor_person_is_asked_for_or_kept(
    platform: Platform, ads: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    answer = {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": "ann@secret"}}}
    lead = {
        "id": "a1-6",
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:7"},
        "submittedAt": 1771581600000,
        "testLead": False,
        "submitter": "urn:li:person:secret",
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:99,1)",
        "associatedEntity": {"associatedCreative": "urn:li:sponsoredCreative:77"},
        "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:5"}},
        "formResponse": {"answers": [answer]},
    }
    body = {"paging": {"start": 0, "count": 100, "total": 1, "links": []}, "elements": [lead]}
    platform.says(linkedin_ads.LEADS, body)

    read = pages(linkedin_ads.lead_responses, ads)
    landed, rows = load(linkedin_ads.lead_responses, read, tmp_path, db)

    (asked,) = platform.asked(linkedin_ads.LEADS)
    assert asked["owner"] == "(sponsoredAccount:urn:li:sponsoredAccount:7)"
    assert asked["submittedAtTimeRange"] == "(start:1771545600000,end:1772150400000)"
    assert not {"formResponse", "submitter"} & set(asked["fields"].split(","))
    assert landed.drift == ()
    assert [(r["lead_id"], r["creative"], r["is_test"], r["submitted_ms"]) for r in rows] == [
        ("a1-6", "urn:li:sponsoredCreative:77", False, 1771581600000)
    ]
    parts = tmp_path.glob("**/part-*.ndjson.zst")
    kept = [zstandard.ZstdDecompressor().decompressobj().decompress(p.read_bytes()) for p in parts]
    assert len(kept) == 1
    assert b"secret" not in kept[0]
    assert pages(linkedin_ads.lead_responses, ads, leads="off") == []


def test_leads_are_followed_by_offset_until_a_page_is_short(
    platform: Platform, ads: Client
) -> None:
    full = {"elements": [{"id": str(n)} for n in range(100)], "paging": {"total": 101}}
    platform.says(linkedin_ads.LEADS, full, {"elements": [{"id": "last"}]})

    read = pages(linkedin_ads.lead_responses, ads)

    assert [len(page.records) for page in read] == [100, 1]
    assert [one["start"] for one in platform.asked(linkedin_ads.LEADS)] == ["0", "100"]


def test_one_account_may_be_chosen_and_a_loop_ends(platform: Platform) -> None:
    two = {"elements": [{"id": 7}, {"id": 8}], "metadata": {}}
    platform.says(linkedin_ads.ACCOUNTS, two)
    platform.says(f"{linkedin_ads.ACCOUNTS}/8/creatives", NONE)
    client = connect(linkedin_ads, platform.url, [])
    assert len(pages(linkedin_ads.creatives, client, account="8")) == 1

    platform.replies[linkedin_ads.ACCOUNTS].clear()
    platform.says(linkedin_ads.ACCOUNTS, {**two, "metadata": {"nextPageToken": "a"}})
    with pytest.raises(FatalError, match=r"linkedin_ads\.accounts: page 2 leads back"):
        list(islice(linkedin_ads.accounts.extract(client, scan()), 9))


def test_an_old_version_says_what_to_set(platform: Platform) -> None:
    platform.says(linkedin_ads.ACCOUNTS, {"code": "NONEXISTENT_VERSION"}, status=426)
    with pytest.raises(FatalError, match="Set api_version under linkedin_ads"):
        pages(linkedin_ads.accounts, connect(linkedin_ads, platform.url, []))


def test_everything_that_the_sandbox_shows_arrives(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    faults = "linkedin_ads:expired,linkedin_ads:reorder,linkedin_ads:unknown_key"
    with running(
        tmp_path / "out", seed=5, days=90, scale=0.2, last_day=last, faults=faults
    ) as sandbox:
        url = f"{sandbox.url}/linkedin_ads"
        settings = {"token_url": f"{url}/oauth/v2/accessToken"}
        client = linkedin_ads.connect(Account("linkedin_ads", url, settings, CREDENTIALS))
        asked = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"), None, settings)
        found = {}
        for name in linkedin_ads.RIGHTS:
            stream = getattr(linkedin_ads, name)
            landed, found[name] = load(stream, pages(stream, client, asked=asked), tmp_path, db)
            assert landed.drift == ("sandboxNews",), name
        company = sandbox.company

    own = [ad for ad in company.social.ads if ad.platform == "linkedin" and ad.day <= last]
    shown = [ad.shown(last) for ad in own]
    days = found["ad_days"]
    assert len(days) == len(own) > 0
    assert sum(row["spend"] for row in days) == sum(spend for _, _, spend, _ in shown)
    assert sum(row["clicks"] for row in days) == sum(clicks for _, clicks, _, _ in shown)
    assert sum(row["leads"] for row in days) == sum(leads for *_, leads in shown)
    assert {row["creative"] for row in days} == {row["creative"] for row in found["creatives"]}
    named = [ad.campaign for ad in own if ad.campaign and ad.tag]
    groups = {DEFAULT_GROUP, *(campaign.name for campaign in named)}
    assert {row["name"] for row in found["campaign_groups"]} == groups
    assert any(campaign.ends < last for campaign in named)  # LinkedIn archived its group
    recent = [ad for ad in own if (last - ad.day).days <= linkedin_ads.LEAD_DAYS]
    assert len(found["lead_responses"]) == sum(ad.shown(last)[3] for ad in recent) > 50
