"""HubSpot against scripted answers: paging by id, associations, merged and archived records."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.privacy import pseudonymiser
from extractors.sources import hubspot
from tests.conftest import SECRET, Answer, Call, Platform
from tests.contract.cases import Case, connect, load, pages, scan

CONTACTS, DEALS = "/crm/v3/objects/contacts", "/crm/v3/objects/deals"
LINKS = "/crm/v4/associations/deals/contacts/batch/read"

PATHS = {
    "contacts": "/crm/v3/objects/contacts/search",
    "contact_stage_changes": "/crm/v3/objects/contacts/search",
    "contact_merges": "/crm/v3/objects/contacts/search",
    "contacts_archived": "/crm/v3/objects/contacts",
    "deals": "/crm/v3/objects/deals/search",
    "deal_merges": "/crm/v3/objects/deals/search",
    "deals_archived": "/crm/v3/objects/deals",
    "deal_stages": "/crm/v3/pipelines/deals",
}
CASES = [Case(hubspot, getattr(hubspot, n), p, {"results": []}) for n, p in PATHS.items()]


def record(number: int | str, **properties: Any) -> dict[str, Any]:
    return {"id": str(number), "properties": properties, "archived": False, "createdAt": "x"}


def found(*records: dict[str, Any], after: str | None = None, link: str = "") -> dict[str, Any]:
    paging = {"paging": {"next": {"after": after, "link": link}}} if after else {}
    return {"total": 99, "results": list(records), **paging}


def asked(platform: Platform, path: str) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in platform.calls if call.path == path]


def test_each_page_asks_above_the_last_id_and_never_for_an_offset(platform: Platform) -> None:
    platform.says(
        f"{CONTACTS}/search",
        found(record(9), record(31), record(10), after="200"),
        found(record(32), after="400"),
        found(),
    )

    read = pages(hubspot.contacts, connect(hubspot, platform.url, []))

    assert [r["id"] for page in read for r in page.records] == ["9", "31", "10", "32"]
    first, second, third = asked(platform, f"{CONTACTS}/search")
    window = [
        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1771545600000"},
        {"propertyName": "lastmodifieddate", "operator": "LTE", "value": "1772236800000"},
    ]
    assert first["filterGroups"] == [{"filters": window}]
    above = {"propertyName": "hs_object_id", "operator": "GTE", "value": "32"}
    assert second["filterGroups"] == [{"filters": [*window, above]}]
    assert third["filterGroups"] == [{"filters": [*window, {**above, "value": "33"}]}]
    assert {body["after"] for body in (first, second, third)} == {"0"}
    assert first["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    assert first["limit"] == 200


def test_more_than_ten_thousand_results_are_read_to_the_end(platform: Platform) -> None:
    ids = list(range(1, 10_401))

    def search(call: Call) -> Answer:
        body = json.loads(call.body)
        if int(body["after"]) + body["limit"] > 10_000:
            return Answer({"category": "VALIDATION_ERROR"}, 400)
        filters = body["filterGroups"][0]["filters"]
        least = next((int(f["value"]) for f in filters if f["propertyName"] == "hs_object_id"), 0)
        chosen = [n for n in ids if n >= least][:200]
        more = "200" if chosen and chosen[-1] < ids[-1] else None
        return Answer(found(*(record(n) for n in chosen), after=more))

    platform.does(f"{CONTACTS}/search", search)

    read = pages(hubspot.contacts, connect(hubspot, platform.url, []))

    assert [int(r["id"]) for page in read for r in page.records] == ids


def test_a_contact_is_a_pseudonym_and_a_click_id_only_a_flag(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(
        f"{CONTACTS}/search",
        found(
            record(
                9001,
                email="Ada@Example.org",
                lifecyclestage="opportunity",
                hs_facebook_click_id="fb.1.2.3",
                hs_google_click_id=None,
                createdate="2026-02-20T08:11:00.120Z",
                hs_v2_date_entered_opportunity="not a date",
            )
        ),
    )

    landed, rows = load(
        hubspot.contacts, pages(hubspot.contacts, connect(hubspot, platform.url, [])), tmp_path, db
    )

    assert rows[0]["email"] == pseudonymiser(SECRET)("ada@example.org")
    assert (rows[0]["has_facebook_click"], rows[0]["has_google_click"]) == (True, False)
    assert rows[0]["opportunity_at"] is None  # a field of another type
    assert rows[0]["created_at"].isoformat() == "2026-02-20T08:11:00.120000+00:00"
    assert landed.drift == ()
    assert "fb.1.2.3" not in str(rows)
    wanted = asked(platform, f"{CONTACTS}/search")[0]["properties"]
    assert not {"firstname", "lastname", "phone", "company"} & set(wanted)


def test_deals_carry_their_first_contact(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(
        f"{DEALS}/search",
        found(
            record(501, amount="12000.50", hs_is_closed_won="true", deal_currency_code="EUR"),
            record(502, amount=None, hs_is_closed_won="false"),
        ),
    )
    ends = [{"toObjectId": 9001}, {"toObjectId": 9001}, {"toObjectId": 9002}]
    platform.says(LINKS, {"status": "COMPLETE", "results": [{"from": {"id": "501"}, "to": ends}]})

    _, rows = load(
        hubspot.deals, pages(hubspot.deals, connect(hubspot, platform.url, [])), tmp_path, db
    )

    assert [(r["deal_id"], r["contact_id"], r["contacts"]) for r in rows] == [
        ("501", "9001", 2),
        ("502", None, 0),
    ]
    assert [(r["amount"], r["is_won"]) for r in rows] == [
        (Decimal("12000.5000"), True),
        (None, False),
    ]
    assert asked(platform, LINKS) == [{"inputs": [{"id": "501"}, {"id": "502"}]}]


def test_a_merge_names_every_loser(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(f"{CONTACTS}/search", found(record(1, hs_merged_object_ids="7; 8;")))

    read = pages(hubspot.contact_merges, connect(hubspot, platform.url, []))
    _, rows = load(hubspot.contact_merges, read, tmp_path, db)

    assert [(r["loser_id"], r["winner_id"]) for r in rows] == [("7", "1"), ("8", "1")]


def test_the_history_of_a_stage_is_read_in_batches_of_what_the_search_found(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    def change(stage: str, at: str) -> dict[str, Any]:
        return {"value": stage, "timestamp": at, "sourceType": "CRM_UI", "sourceId": "userId:42"}

    later, first = "2026-02-21T08:00:00Z", "2026-02-20T08:00:00.120Z"
    back = [change("lead", later), change("", later), change("marketingqualifiedlead", first)]
    history = {**record(1), "propertiesWithHistory": {"lifecyclestage": back}}
    platform.says(f"{CONTACTS}/search", found(*(record(number) for number in range(1, 61))))
    platform.says(f"{CONTACTS}/batch/read", {"results": [history, record(2)]}, {"results": []})

    read = pages(hubspot.contact_stage_changes, connect(hubspot, platform.url, []))
    landed, rows = load(hubspot.contact_stage_changes, read, tmp_path, db)

    assert [(row["contact_id"], row["stage"]) for row in rows] == [
        ("1", "lead"), ("1", "marketingqualifiedlead")
    ]  # fmt: skip
    assert rows[1]["entered_at"].isoformat() == "2026-02-20T08:00:00.120000+00:00"
    assert landed.drift == ()
    one, two = asked(platform, f"{CONTACTS}/batch/read")
    assert (len(one["inputs"]), len(two["inputs"])) == (50, 10)
    assert one["propertiesWithHistory"] == ["lifecyclestage"]
    assert one["properties"] == []
    (search,) = asked(platform, f"{CONTACTS}/search")
    assert search["properties"] == ["hs_object_id"]


def test_archived_records_are_listed_by_the_platforms_cursor(
    platform: Platform, other_platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    gone = {**record(5), "archivedAt": "2026-02-21T08:00:00Z"}
    elsewhere = f"{other_platform.url}{DEALS}?after=5"
    platform.says(DEALS, found(gone, after="5", link=elsewhere), found({**gone, "id": "6"}))

    read = pages(hubspot.deals_archived, connect(hubspot, platform.url, []))
    _, rows = load(hubspot.deals_archived, read, tmp_path, db)

    assert [row["deal_id"] for row in rows] == ["5", "6"]
    assert [one.get("after") for one in platform.asked(DEALS)] == [None, "5"]
    assert {one["archived"] for one in platform.asked(DEALS)} == {"true"}
    assert other_platform.calls == []  # a link is never followed, only its cursor


def test_stages_say_what_is_a_win(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    stages = [
        {"id": "closedwon", "metadata": {"probability": "1.0", "isClosed": "true"}, "label": "Won"},
        {"id": "contract", "metadata": {"probability": "0.9", "isClosed": "false"}},
    ]
    platform.says("/crm/v3/pipelines/deals", {"results": [{"id": "default", "stages": stages}]})

    read = pages(hubspot.deal_stages, connect(hubspot, platform.url, []))
    _, rows = load(hubspot.deal_stages, read, tmp_path, db)

    assert [(r["stage_id"], r["probability"], r["is_closed"]) for r in rows] == [
        ("closedwon", 1.0, True),
        ("contract", 0.9, False),
    ]


def test_a_duplicated_and_reordered_page_changes_nothing(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    one, two = record(1, lifecyclestage="lead"), record(2, lifecyclestage="customer")
    platform.says(f"{CONTACTS}/search", found(two, one, one, after="200"), found(record(2)))

    landed, rows = load(
        hubspot.contacts, pages(hubspot.contacts, connect(hubspot, platform.url, [])), tmp_path, db
    )

    assert landed.rows == 4
    assert [row["contact_id"] for row in rows] == ["1", "2"]


def test_a_page_loop_ends_with_an_error(platform: Platform) -> None:
    platform.says(f"{CONTACTS}/search", found(record(1), after="200"))
    platform.says(CONTACTS, found(record(1), after="1"))
    client = connect(hubspot, platform.url, [])

    with pytest.raises(FatalError, match=r"hubspot\.contacts: page 2 leads back"):
        list(islice(hubspot.contacts.extract(client, scan()), 9))
    with pytest.raises(FatalError, match=r"hubspot\.contacts_archived: page 2 leads back"):
        list(islice(hubspot.contacts_archived.extract(client, scan()), 9))


def test_ten_seconds_are_waited_where_the_platform_names_its_interval(platform: Platform) -> None:
    quota = {"X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}
    platform.says(f"{CONTACTS}/search", {"policyName": "SECONDLY"}, status=429, headers=quota)
    platform.says(f"{CONTACTS}/search", found())
    naps: list[float] = []

    pages(hubspot.contacts, connect(hubspot, platform.url, naps))

    assert naps == [10.0]


def test_an_unknown_field_is_noted_by_name_only(
    platform: Platform, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(f"{CONTACTS}/search", found({**record(1), "objectWriteTraceId": "t"}))

    landed, _ = load(
        hubspot.contacts, pages(hubspot.contacts, connect(hubspot, platform.url, [])), tmp_path, db
    )

    assert landed.drift == ("objectWriteTraceId",)
