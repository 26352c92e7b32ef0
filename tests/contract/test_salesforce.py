"""Salesforce against scripted answers: queries and bulk jobs, own fields, quotas, deletions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Account, Scan, Window, streams_of
from extractors.sources import salesforce
from sandbox.company import cutoff
from sandbox.serve import Sandbox, running
from sandbox.servers.salesforce import CREDENTIALS
from tests.conftest import SECRET, Answer, Platform
from tests.contract.cases import TOKEN_REPLY, Case, connect, load, pages

ROOT = "/services/data/v67.0"
QUERY, QUERY_ALL, LIMITS = f"{ROOT}/query", f"{ROOT}/queryAll", f"{ROOT}/limits"
GONE = {one: f"{ROOT}/sobjects/{one}/deleted/" for one in ("Lead", "Opportunity")}
NOTHING: Mapping[str, Any] = {"totalSize": 0, "done": True, "records": []}
NONE_GONE: Mapping[str, Any] = {"deletedRecords": []}
FIELDS = [{"name": "Id"}, {"name": "UTM_Source__c"}, {"name": "utm_campaign__c"}]
TOKEN = {"/token": TOKEN_REPLY}
DESCRIBED = {
    **TOKEN,
    f"{ROOT}/sobjects/Lead/describe": {"fields": FIELDS},
    f"{ROOT}/sobjects/Opportunity/describe": {"fields": [*FIELDS, {"name": "CurrencyIsoCode"}]},
}
CASES = [
    Case(salesforce, salesforce.leads, QUERY_ALL, NOTHING, DESCRIBED),
    Case(salesforce, salesforce.opportunities, QUERY_ALL, NOTHING, DESCRIBED),
    Case(salesforce, salesforce.opportunity_contacts, QUERY_ALL, NOTHING, TOKEN),
    Case(salesforce, salesforce.campaign_members, QUERY_ALL, NOTHING, TOKEN),
    Case(salesforce, salesforce.campaigns, QUERY, NOTHING, TOKEN),
    Case(
        salesforce,
        salesforce.deleted_records,
        GONE["Lead"],
        NONE_GONE,
        {**TOKEN, LIMITS: {}, GONE["Opportunity"]: NONE_GONE},
    ),
]


@pytest.fixture
def org(platform: Platform) -> Client:
    for path, body in DESCRIBED.items():
        platform.says(path, body)
    return connect(salesforce, platform.url, [])


def found(*records: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    rows = [{"attributes": {"type": "Lead", "url": "/x"}, **record} for record in records]
    link = {"nextRecordsUrl": more} if more else {}
    return {"totalSize": 9, "done": more is None, **link, "records": rows}


def refused(code: str, words: str = "?") -> list[dict[str, str]]:
    return [{"message": words, "errorCode": code}]


def test_a_query_is_followed_by_the_links_of_the_platform(platform: Platform, org: Client) -> None:
    more = f"{ROOT}/query/01gxx-2000"
    platform.says(QUERY_ALL, found({"Id": "a"}, {"Id": "b"}, more=more))
    platform.says(more, found({"Id": "c"}))

    read = pages(salesforce.campaign_members, org)

    assert [r["Id"] for page in read for r in page.records] == ["a", "b", "c"]
    assert platform.asked(QUERY_ALL) == [
        {
            "q": "SELECT Id, CampaignId, LeadId, CreatedDate, SystemModstamp, IsDeleted"
            " FROM CampaignMember WHERE SystemModstamp >= 2026-02-20T00:00:00Z"
            " AND SystemModstamp < 2026-02-28T00:00:00Z ORDER BY SystemModstamp"
        }
    ]
    assert platform.asked(more) == [{}]


def test_a_link_that_comes_back_or_leads_elsewhere_ends_with_an_error(
    platform: Platform, other_platform: Platform, org: Client
) -> None:
    more = f"{ROOT}/query/01gxx-1"
    platform.says(QUERY_ALL, found({"Id": "a"}, more=more))
    platform.says(more, found({"Id": "b"}, more=more))
    with pytest.raises(FatalError, match=r"salesforce\.campaign_members: page 2 leads back"):
        list(islice(salesforce.campaign_members.extract(org, Scan(_window(), None, {})), 9))

    platform.replies[QUERY_ALL].clear()
    platform.says(QUERY_ALL, found({"Id": "a"}, more=f"{other_platform.url}{more}"))
    with pytest.raises(FatalError, match="not to the configured"):
        pages(salesforce.campaign_members, org)
    assert other_platform.calls == []


def test_of_the_orgs_own_fields_those_that_exist_are_asked_for(
    platform: Platform, org: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    lead = {
        "Id": "00Q1",
        "Email": " Ada@Example.org",
        "Status": "MQL ",
        "IsConverted": False,
        "ConvertedDate": None,
        "MasterRecordId": None,
        "CreatedDate": "2026-02-20T08:11:00.000+0000",
        "IsDeleted": False,
        "UTM_Source__c": "li",
        "utm_campaign__c": None,
        "NewsField": 1,
    }
    platform.says(QUERY_ALL, found(lead))

    read = pages(salesforce.leads, org, qualified_statuses="SQL, mql")
    landed, (row,) = load(salesforce.leads, read, tmp_path, db)

    (asked,) = platform.asked(QUERY_ALL)
    wanted = asked["q"].partition(" FROM ")[0].removeprefix("SELECT ").split(", ")
    assert wanted[-2:] == ["UTM_Source__c", "utm_campaign__c"]
    assert not {"Name", "LastName", "Phone", "Company", "utm_medium__c"} & set(wanted)
    assert row["email"] == pseudonymiser(SECRET)("ada@example.org")
    assert (row["utm_source"], row["utm_campaign"], row["utm_medium"]) == ("li", None, None)
    assert row["has_qualified_status"] is True
    assert row["created_at"].isoformat() == "2026-02-20T08:11:00+00:00"
    assert landed.drift == ("NewsField",)


def test_a_field_that_the_settings_name_must_exist(platform: Platform, org: Client) -> None:
    platform.says(QUERY_ALL, found({"Id": "1", "UTM_Source__c": "x"}))
    (page,) = pages(salesforce.leads, org, utm_source="utm_source__C")
    assert page.records[0]["utm_source"] == "x"
    assert "has_qualified_status" not in page.records[0]
    with pytest.raises(FatalError, match=r"Lead has no field 'Medium__c' that we may see"):
        pages(salesforce.leads, org, utm_medium="Medium__c")


def test_an_org_with_one_currency_is_not_asked_for_it(
    platform: Platform, org: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    deal = {"Id": "006", "Amount": 12000.5, "CloseDate": "2026-02-21", "IsWon": True}
    platform.says(QUERY_ALL, found({**deal, "CurrencyIsoCode": "CHF"}), found(deal))

    _, (row,) = load(salesforce.opportunities, pages(salesforce.opportunities, org), tmp_path, db)
    assert (row["amount"], row["currency"]) == (Decimal("12000.5"), "CHF")
    assert (row["closes_on"], row["is_won"]) == (date(2026, 2, 21), True)

    platform.replies[f"{ROOT}/sobjects/Opportunity/describe"].clear()
    platform.says(f"{ROOT}/sobjects/Opportunity/describe", {"fields": FIELDS})
    pages(salesforce.opportunities, org)
    assert "CurrencyIsoCode" not in platform.asked(QUERY_ALL)[-1]["q"]


def test_a_session_that_ended_is_opened_again(platform: Platform, org: Client) -> None:
    platform.says(QUERY, refused("INVALID_SESSION_ID"), status=401)
    platform.says(QUERY, found({"Id": "701", "Name": "Webinar"}))

    (page,) = pages(salesforce.campaigns, org)

    assert page.records[0]["Name"] == "Webinar"
    tokens = [call.body for call in platform.calls if call.path == "/token"]
    assert len(tokens) == 2
    assert "grant_type=client_credentials" in tokens[0]


def test_a_refresh_token_is_used_where_there_is_one(platform: Platform) -> None:
    platform.says("/services/oauth2/token", TOKEN_REPLY)
    platform.says(QUERY, NOTHING)
    secrets = {"client_id": "id", "client_secret": "s", "refresh_token": "r"}
    client = salesforce.connect(Account("salesforce", platform.url, {}, secrets))

    pages(salesforce.campaigns, client)

    assert "grant_type=refresh_token" in platform.calls[0].body


def test_the_quota_of_a_day_is_no_missing_permission(platform: Platform) -> None:
    naps: list[float] = []
    org = connect(salesforce, platform.url, naps)
    platform.says("/token", TOKEN_REPLY)
    busy = refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")
    platform.says(QUERY, busy, busy, status=403)
    platform.says(QUERY, NOTHING)
    assert len(pages(salesforce.campaigns, org)) == 1
    assert len(naps) == 2

    platform.replies[QUERY].clear()
    platform.says(QUERY, refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit"), status=403)
    with pytest.raises(FatalError, match="the org's calls of 24 hours are used up") as caught:
        pages(salesforce.campaigns, org)
    assert "permission" not in str(caught.value)
    assert len(naps) == 2  # waiting would not help


def test_the_last_calls_of_the_day_are_left_to_others(platform: Platform, org: Client) -> None:
    platform.says(QUERY, NOTHING, headers={"Sforce-Limit-Info": "api-usage=14249/15000"})
    pages(salesforce.campaigns, org)
    platform.says(QUERY, NOTHING, headers={"Sforce-Limit-Info": "api-usage=14250/15000"})
    pages(salesforce.campaigns, org)
    with pytest.raises(FatalError, match="14250 of 15000 calls of 24 hours are used"):
        pages(salesforce.campaigns, org)


def test_a_hidden_object_or_field_names_the_right(platform: Platform, org: Client) -> None:
    words = "sObject type 'Campaign' is not supported."
    platform.says(QUERY, refused("INVALID_TYPE", words), status=400)
    with pytest.raises(FatalError, match="Campaign is hidden or does not exist") as caught:
        pages(salesforce.campaigns, org)
    assert "Read on Campaign" in caught.value.do


def test_deletions_are_asked_for_thirty_days_back_at_most(
    platform: Platform, org: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    gone = {"id": "00Q1", "deletedDate": "2026-02-20T10:00:00.000+0000"}
    platform.says(LIMITS, {})
    platform.says(GONE["Lead"], {"deletedRecords": [gone], "latestDateCovered": "x"})
    platform.says(GONE["Opportunity"], {"deletedRecords": [{**gone, "id": "0061"}]})
    asked = Scan(Window.of(date(2025, 1, 1), date(2026, 3, 1), "UTC"), None, {})

    read = pages(salesforce.deleted_records, org, asked=asked)
    _, rows = load(salesforce.deleted_records, read, tmp_path, db)

    span = {"start": "2026-02-01T12:00:00Z", "end": "2026-03-02T12:00:00Z"}  # up to now
    assert platform.asked(GONE["Lead"]) == [span]
    assert [(r["record_id"], r["object"]) for r in rows] == [
        ("0061", "Opportunity"),
        ("00Q1", "Lead"),
    ]
    old = Scan(Window.of(date(2025, 1, 1), date(2025, 3, 1), "UTC"), None, {})
    assert pages(salesforce.deleted_records, org, asked=old) == []


LARGE = Scan(Window.of(date(2026, 1, 1), date(2026, 2, 28), "UTC"), None, {})
JOBS = f"{ROOT}/jobs/query"
JOB, RESULTS = f"{JOBS}/750a", f"{JOBS}/750a/results"
HEADER = '"Id","CampaignId","LeadId","CreatedDate","SystemModstamp","IsDeleted"\n'


def state(name: str, **more: Any) -> dict[str, Any]:
    return {"id": "750a", "operation": "queryAll", "state": name, **more}


def csv_page(*rows: str, count: int | None = None, following: str = "null") -> Answer:
    number = len(rows) if count is None else count
    headers = {"Sforce-NumberOfRecords": str(number), "Sforce-Locator": following}
    body = (HEADER + "".join(f"{row}\n" for row in rows)).encode()
    return Answer(body, headers=headers | {"Content-Type": "text/csv"})


def answers(platform: Platform, path: str, *replies: Answer) -> None:
    platform.replies[path] = list(replies)


@pytest.fixture
def bulk(platform: Platform, org: Client) -> Client:
    """An org whose job is complete at once."""
    platform.says(JOBS, state("UploadComplete"))
    platform.says(JOB, state("JobComplete", numberRecordsProcessed=3))
    return org


def test_a_large_span_is_one_bulk_job_whose_pages_are_followed(
    platform: Platform, org: Client
) -> None:
    naps: list[float] = []
    org._sleep = naps.append
    platform.says(JOBS, state("UploadComplete"))
    platform.says(JOB, state("UploadComplete"), state("InProgress"), state("JobComplete"))
    first = csv_page('"a","701","00Q1","","",""', '"b","","","","",""', following="MTAw")
    answers(platform, RESULTS, first, csv_page('"c","","","","",""'))

    read = pages(salesforce.campaign_members, org, asked=LARGE)

    assert [r["Id"] for page in read for r in page.records] == ["a", "b", "c"]
    assert naps == [15.0, 15.0]
    (made,) = [call for call in platform.calls if call.path == JOBS]
    assert json.loads(made.body) == {
        "operation": "queryAll",
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "query": "SELECT Id, CampaignId, LeadId, CreatedDate, SystemModstamp, IsDeleted"
        " FROM CampaignMember WHERE SystemModstamp >= 2026-01-01T00:00:00Z"
        " AND SystemModstamp < 2026-03-02T00:00:00Z",
    }
    limit = {"maxRecords": "10000"}
    assert platform.asked(RESULTS) == [limit, limit | {"locator": "MTAw"}]
    assert platform.asked(QUERY_ALL) == []
    assert {call.headers["accept"] for call in platform.calls if call.path == RESULTS} == {
        "text/csv"
    }


def test_the_days_that_make_a_span_large_are_a_setting(platform: Platform, bulk: Client) -> None:
    answers(platform, RESULTS, csv_page())
    platform.says(QUERY_ALL, NOTHING)

    def jobs_for(days: int, **settings: str) -> int:
        last = date(2026, 2, 28)
        window = Window.of(last - timedelta(days=days - 1), last, "UTC")
        before = len(platform.asked(JOBS))
        pages(salesforce.campaign_members, bulk, asked=Scan(window, None, settings))
        return len(platform.asked(JOBS)) - before

    assert [jobs_for(31), jobs_for(32)] == [0, 1]
    assert [jobs_for(7, bulk_after_days="7"), jobs_for(8, bulk_after_days="7")] == [0, 1]
    with pytest.raises(FatalError, match=r"bulk_after_days is 'never'\. Write a number of days"):
        jobs_for(8, bulk_after_days="never")


def test_a_bulk_job_gives_the_rows_that_soql_gives(
    platform: Platform, org: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    deal = {
        "Id": "0061",
        "CampaignId": None,
        "LeadSource": 'Say "hi",\nthen é',
        "IsClosed": True,
        "IsWon": False,
        "CloseDate": "2026-02-21",
        "Amount": 12000.5,
        "CreatedDate": "2026-02-20T08:11:00.000+0000",
        "SystemModstamp": "2026-02-21T23:59:59.000+0000",
        "IsDeleted": False,
        "UTM_Source__c": "li",
        "utm_campaign__c": None,
        "CurrencyIsoCode": "CHF",
    }
    cells = [
        *('"0061"', '""', '"Say ""hi"",\nthen é"', '"true"', '"false"', '"2026-02-21"'),
        *('"1.20005E4"', '"2026-02-20T08:11:00.000Z"', '"2026-02-21T23:59:59.000Z"', '"false"'),
        *('"li"', '""', '"CHF"'),
    ]
    platform.says(QUERY_ALL, found(deal))
    soql = pages(salesforce.opportunities, org)
    header = ",".join(f'"{name}"' for name in deal)
    platform.says(JOBS, state("UploadComplete"))
    platform.says(JOB, state("JobComplete"))
    text = f"{header}\n{','.join(cells)}\n".encode()
    counted = {"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"}
    platform.says(RESULTS, text, headers=counted)
    by_job = pages(salesforce.opportunities, org, asked=LARGE)

    _, (ours,) = load(salesforce.opportunities, soql, tmp_path / "soql", db)
    with duckdb.connect(str(tmp_path / "job.duckdb")) as other:
        other.execute("set timezone = 'UTC'")
        landed, (theirs,) = load(salesforce.opportunities, by_job, tmp_path / "job", other)

    assert landed.drift == ()
    assert theirs == ours
    assert theirs["amount"] == Decimal("12000.5")
    assert (theirs["is_closed"], theirs["is_won"], theirs["campaign_id"]) == (True, False, None)
    assert theirs["modified_at"].isoformat() == "2026-02-21T23:59:59+00:00"
    assert theirs["lead_source"] == 'Say "hi",\nthen é'


def test_personal_cells_are_hashed_and_empty_ones_are_nobody(
    platform: Platform, org: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(JOBS, state("UploadComplete"))
    platform.says(JOB, state("JobComplete"))
    names = [column.path for column in salesforce.LEAD.values()]
    names += ["UTM_Source__c", "utm_campaign__c"]
    rows = [{"Id": "1", "Email": "Ada@example.org", "Status": "MQL"}, {"Id": "2"}]
    lines = [",".join(f'"{row.get(name, "")}"' for name in names) for row in rows]
    text = "\n".join([",".join(names), *lines]).encode()
    platform.says(RESULTS, text, headers={"Sforce-Locator": "null"})

    asked = Scan(LARGE.window, None, {"qualified_statuses": "mql"})
    read = pages(salesforce.leads, org, asked=asked)
    _, (ada, nobody) = load(salesforce.leads, read, tmp_path, db)

    assert ada["email"] == pseudonymiser(SECRET)("ada@example.org")
    assert (nobody["email"], nobody["status"]) == (None, None)
    assert (ada["has_qualified_status"], nobody["has_qualified_status"]) == (True, False)


@pytest.mark.parametrize(
    "broken",
    [
        Answer(HEADER.encode() + b'"a","701', headers={"Sforce-Locator": "null"}),  # half a cell
        Answer(HEADER.encode() + b'"a","701"\n', headers={"Sforce-Locator": "null"}),  # half a row
        csv_page('"a","","","","",""', count=2),  # cut off between two rows
        Answer(HEADER.encode(), headers={"Sforce-NumberOfRecords": "0"}, cut=True),
        Answer(HEADER.encode() + b'"\xe9","","","","",""\n'),  # Latin-1
        Answer([{"errorCode": "SERVER_UNAVAILABLE", "message": "?"}], 503),
    ],
)
def test_a_page_that_is_not_whole_is_asked_for_again(
    platform: Platform, bulk: Client, broken: Answer
) -> None:
    naps: list[float] = []
    bulk._sleep = naps.append
    answers(platform, RESULTS, broken, csv_page('"a","","","","",""', '"b","","","","",""'))

    read = pages(salesforce.campaign_members, bulk, asked=LARGE)

    assert [r["Id"] for page in read for r in page.records] == ["a", "b"]
    assert len(naps) == 1


def test_a_page_that_is_never_whole_is_named(platform: Platform, bulk: Client) -> None:
    answers(platform, RESULTS, csv_page('"a","","","","",""', count=2))
    with pytest.raises(RetriableError, match=r"gave 89 bytes that are no whole text \(text/csv\)"):
        pages(salesforce.campaign_members, bulk, asked=LARGE)


def test_a_job_that_fails_or_never_ends_says_what_to_do(platform: Platform, org: Client) -> None:
    platform.says(JOBS, state("UploadComplete"))
    platform.says(JOB, state("InProgress"), state("Failed", errorMessage="QUERY_TIMEOUT: Ada"))
    with pytest.raises(FatalError) as caught:
        pages(salesforce.campaign_members, org, asked=LARGE)
    assert str(caught.value) == (
        "salesforce.campaign_members: the bulk job ended as Failed (QUERY_TIMEOUT). Look at"
        " Setup > Bulk Data Load Jobs; a larger bulk_after_days reads by SOQL instead."
    )

    answers(platform, JOB, Answer(state("Aborted")))
    with pytest.raises(FatalError, match="ended as Aborted"):
        pages(salesforce.campaign_members, org, asked=LARGE)

    answers(platform, JOB, Answer(state("InProgress")))
    platform.calls.clear()
    with pytest.raises(RetriableError, match="the bulk job was not made within 30 minutes"):
        pages(salesforce.campaign_members, org, asked=LARGE)
    assert len(platform.asked(JOB)) == 120
    assert platform.asked(RESULTS) == []


def test_pages_that_lead_nowhere_or_lack_a_column_end_with_an_error(
    platform: Platform, bulk: Client
) -> None:
    row = '"a","","","","",""'
    answers(platform, RESULTS, csv_page(row, following="MQ"))
    with pytest.raises(FatalError, match="page 2 leads back"):
        list(islice(salesforce.campaign_members.extract(bulk, LARGE), 9))
    answers(platform, RESULTS, Answer((HEADER + row).encode()))
    with pytest.raises(FatalError, match="does not say in Sforce-Locator what follows"):
        pages(salesforce.campaign_members, bulk, asked=LARGE)
    answers(platform, RESULTS, Answer(b'"Id"\n"a"\n', headers={"Sforce-Locator": "null"}))
    with pytest.raises(FatalError, match="gave no column CampaignId, CreatedDate"):
        pages(salesforce.campaign_members, bulk, asked=LARGE)


def test_a_result_without_a_row_has_no_record(platform: Platform, bulk: Client) -> None:
    for body in (HEADER.encode(), b"", b"\n"):
        headers = {"Sforce-NumberOfRecords": "0", "Sforce-Locator": "null"}
        answers(platform, RESULTS, Answer(body, headers=headers))
        (page,) = pages(salesforce.campaign_members, bulk, asked=LARGE)
        assert page.records == []


def test_a_refused_job_names_the_right_and_a_session_is_renewed(
    platform: Platform, bulk: Client
) -> None:
    answers(platform, RESULTS, Answer(refused("INVALID_SESSION_ID"), 401), csv_page())
    pages(salesforce.campaign_members, bulk, asked=LARGE)
    assert len([call for call in platform.calls if call.path == "/token"]) == 2

    answers(platform, JOBS, Answer(refused("INSUFFICIENT_ACCESS"), 403))
    with pytest.raises(FatalError) as caught:
        pages(salesforce.campaign_members, bulk, asked=LARGE)
    assert "Read on Campaign and Lead" in caught.value.do


def test_a_large_page_is_read_a_part_at_a_time(platform: Platform, bulk: Client) -> None:
    rows = [f'"{number}","701","00Q","","","false"' for number in range(5000)]
    answers(platform, RESULTS, csv_page(*rows))
    read = pages(salesforce.campaign_members, bulk, asked=LARGE)
    assert [len(page.records) for page in read] == [2000, 2000, 1000]


def _window() -> Window:
    return Window.of(date(2026, 2, 20), date(2026, 2, 26), "UTC")


@dataclass
class Whole:
    """What one reading of the sandbox brought."""

    sandbox: Sandbox
    rows: dict[str, list[dict[str, Any]]]
    by_soql: dict[str, list[dict[str, Any]]]
    kept: str


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    last, root = date(2026, 6, 30), tmp_path_factory.mktemp("salesforce")
    faults = "salesforce:expired,salesforce:429,salesforce:reorder,salesforce:repeat"
    with running(
        root / "out",
        seed=5,
        days=200,
        scale=1.5,
        last_day=last,
        faults=faults,
        sources=["salesforce"],
    ) as sandbox:
        url = f"{sandbox.url}/salesforce"
        client = salesforce.connect(Account("salesforce", url, {}, CREDENTIALS))
        client._sleep = lambda _seconds: None
        asked = Scan(Window.of(sandbox.company.first, last, "Europe/Berlin"), None, {})
        without_jobs = replace(asked, settings={"bulk_after_days": "1000"})
        read: list[dict[str, list[dict[str, Any]]]] = []
        for way, scan in {"bulk": asked, "soql": without_jobs}.items():
            read.append({})
            for name, stream in streams_of(salesforce).items():
                with duckdb.connect(str(root / f"{way}-{name}.duckdb")) as db:
                    db.execute("set timezone = 'UTC'")
                    found = pages(stream, client, asked=scan)
                    landed, read[-1][name] = load(stream, found, root / way, db)
                assert landed.drift == (), name
    parts = sorted(root.glob("**/part-*.ndjson.zst"))
    unpack = zstandard.ZstdDecompressor()
    kept = [unpack.decompressobj().decompress(part.read_bytes()).decode() for part in parts]
    return Whole(sandbox, read[0], read[1], "".join(kept).lower())


def test_everything_that_the_sandbox_shows_arrives(whole: Whole) -> None:
    company, end = whole.sandbox.company, cutoff(date(2026, 6, 30))
    contacts = [c for c in company.contacts("salesforce") if c.created_at < end]
    deals = [d for d in company.deals("salesforce") if d.created_at < end]
    leads, opportunities = whole.rows["leads"], whole.rows["opportunities"]
    living = [row for row in leads if not row["is_deleted"]]
    gone = [row for row in leads if row["is_deleted"]]

    assert len(leads) > 500  # more than one page
    assert len(living) == sum(c.counts(end) for c in contacts)
    merged = [c for c in contacts if c.merged_at and end - timedelta(days=15) <= c.merged_at < end]
    assert sum(row["master_id"] is not None for row in gone) == len(merged) > 0
    assert all(len(row["lead_id"]) == 18 for row in leads)
    kept = [row for row in opportunities if not row["is_deleted"]]
    assert len(kept) == sum(d.counts(end) for d in deals)
    assert sum(row["is_won"] for row in kept) == sum(d.counts(end) and d.is_won(end) for d in deals)
    of_leads = {d.contacts[0].id for d in deals if d.contacts}
    assert sum(row["is_converted"] for row in living) == len(of_leads)
    assert sum(row["opportunity_id"] is not None for row in living) < len(
        [d for d in deals if d.contacts]
    )  # some bought twice
    assert {row["currency"] for row in kept} == {"EUR", "CHF"}
    assert len(whole.rows["opportunity_contacts"]) > 100
    assert len(whole.rows["campaigns"]) == len(company.campaigns)
    members = {row["lead_id"] for row in whole.rows["campaign_members"]}
    assert members & {row["lead_id"] for row in leads if row["utm_campaign"] is None}
    gone_at = [at for c in contacts for at in (c.merged_at, c.archived_at) if at]
    gone_at += [d.archived_at for d in deals if d.archived_at]
    since = whole.sandbox.clock.now - timedelta(days=29)
    told = whole.rows["deleted_records"]
    assert len(told) == len([at for at in gone_at if since <= at < end]) > 0


def test_the_bulk_jobs_of_the_sandbox_give_the_rows_of_its_soql(whole: Whole) -> None:
    assert whole.by_soql == whole.rows
    values = [value for rows in whole.rows.values() for row in rows for value in row.values()]
    assert {None, True, False} <= set(values)


def test_nothing_personal_reaches_the_disk(whole: Whole) -> None:
    people = whole.sandbox.company.people.all
    marks = ("@example.", "+49 4000", *{person.last.lower() for person in people})
    assert [mark for mark in marks if mark in whole.kept] == []


def test_the_sandbox_refuses_what_the_platform_refuses_of_a_job(tmp_path: Path) -> None:
    last = date(2026, 6, 30)
    with running(tmp_path / "out", seed=5, days=20, scale=0.2, last_day=last) as sandbox:
        client = salesforce.connect(
            Account("salesforce", f"{sandbox.url}/salesforce", {}, CREDENTIALS)
        )
        made = client.post(JOBS, json={"operation": "query", "query": "SELECT Id FROM Campaign"})
        job = f"{JOBS}/{made.body['id']}"
        assert (made.body["state"], made.body["apiVersion"]) == ("UploadComplete", 67.0)
        for call in (
            partial(client.get, f"{job}/results"),  # it is not complete
            partial(client.get, f"{JOBS}/750000000000000AAA"),
            partial(client.post, JOBS, json={"operation": "insert", "object": "Lead"}),
            partial(client.post, JOBS, json={"operation": "query", "query": "SELECT"}),
        ):
            with pytest.raises(FatalError, match=r"answered 40[04]"):
                call()
        assert [client.get(job).body["state"] for _ in range(2)] == ["InProgress", "JobComplete"]
        with pytest.raises(FatalError, match="answered 409"):
            client.get(f"{job.replace('67.0', '66.0')}/results")
