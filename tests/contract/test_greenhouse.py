"""Greenhouse against scripted answers: lone cursors, two-sided windows, pseudonyms."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Account
from extractors.sources import greenhouse
from tests.conftest import SECRET, Platform
from tests.contract.cases import SECRETS, TOKEN, TOKEN_REPLY, Case, connect, load, pages, scan

APPLICATIONS = "/v3/applications"

PATHS = {"application_ids": APPLICATIONS}
BEFORE = {"/token": TOKEN_REPLY}
CASES = [
    Case(greenhouse, getattr(greenhouse, name), PATHS.get(name, f"/v3/{name}"), [], BEFORE)
    for name in greenhouse.RIGHTS
]


@pytest.fixture
def harvest(platform: Platform) -> Client:
    platform.says("/token", TOKEN_REPLY)
    return connect(greenhouse, platform.url, [])


def to(url: str) -> dict[str, str]:
    return {"Link": f'<{url}>; rel="next"'}


def application(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "candidate_id": 5102, "prospect": False, "status": "in_process", **more}


def test_a_cursor_travels_alone_and_the_window_has_two_sides(
    platform: Platform, harvest: Client
) -> None:
    following = to(f"{platform.url}{APPLICATIONS}?cursor=eyJpZCI6MX0")
    platform.says(APPLICATIONS, [application(2)], headers=following)
    platform.says(APPLICATIONS, [application(1)])

    found = pages(greenhouse.applications, harvest)

    assert [record["id"] for page in found for record in page.records] == [2, 1]
    first, second = platform.asked(APPLICATIONS)
    assert first["updated_at"] == "gte|2026-02-20T00:00:00.000Z|lte|2026-02-28T00:00:00.000Z"
    assert first["per_page"] == "500"
    assert second == {"cursor": "eyJpZCI6MX0"}


def test_the_newest_list_of_ids_is_all_there_is(
    platform: Platform, harvest: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    following = to(f"{platform.url}{APPLICATIONS}?cursor=c")
    platform.says(APPLICATIONS, [{"id": 3}, {"id": 2}], headers=following)
    platform.says(APPLICATIONS, [{"id": 1}], [{"id": 3}, {"id": 1}])

    _, first = load(greenhouse.application_ids, pages(greenhouse.application_ids, harvest),
                    tmp_path, db)  # fmt: skip
    _, second = load(greenhouse.application_ids, pages(greenhouse.application_ids, harvest),
                     tmp_path, db)  # fmt: skip

    assert [row["application_id"] for row in first] == ["1", "2", "3"]
    assert [row["application_id"] for row in second] == ["1", "3"]
    assert platform.asked(APPLICATIONS)[0] == {"per_page": "500", "fields": "id"}  # no window


def test_the_token_is_fetched_with_the_clients_own_credentials(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    platform.says("/v3/jobs", [])
    settings = {"token_url": f"{platform.url}/token", "user_id": "120045"}

    client = greenhouse.connect(Account("greenhouse", platform.url, settings, SECRETS))
    pages(greenhouse.jobs, client)

    token, jobs = platform.calls
    assert token.headers["authorization"] == "Basic aWQ6Y2xpZW50LXNlY3JldC14"
    assert token.body == "grant_type=client_credentials&sub=120045"
    assert jobs.headers["authorization"] == f"Bearer {TOKEN}"


def test_wrong_credentials_are_named_without_showing_them(platform: Platform) -> None:
    platform.says("/token", {"error": "invalid_client"}, status=401)

    with pytest.raises(FatalError) as caught:
        pages(greenhouse.jobs, connect(greenhouse, platform.url, []))

    assert str(caught.value) == (
        'greenhouse: no new token: invalid_client (401). Authorise connection "greenhouse" again; '
        "nothing was loaded."
    )


def test_only_pseudonyms_of_a_candidate_reach_the_disk(
    platform: Platform, harvest: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    addresses = [{"value": " Ada@Example.org ", "type": "personal"}, {"value": "b@example.org"}]
    platform.says(
        "/v3/candidates",
        [{"id": 5102, "email_addresses": addresses}, {"id": 5103, "email_addresses": []}],
    )
    platform.says(APPLICATIONS, [application(7002)])

    _, people = load(greenhouse.candidates, pages(greenhouse.candidates, harvest), tmp_path, db)
    _, rows = load(greenhouse.applications, pages(greenhouse.applications, harvest), tmp_path, db)

    code = pseudonymiser(SECRET)
    known = {row["candidate_id"]: row["person"] for row in people}
    assert known == {code("5102"): code("ada@example.org"), code("5103"): None}
    assert rows[0]["candidate_id"] == code("5102")
    assert platform.asked("/v3/candidates")[0]["fields"] == "id,email_addresses"


def test_utm_fields_and_nothing_else_of_the_custom_fields_is_kept(
    platform: Platform, harvest: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    fields = {
        "utm_campaign": {"name": "UTM campaign", "type": "short_text", "value": "spring_hiring"},
        "utm_source": None,
        "salary_wish": {"name": "Wish", "type": "short_text", "value": "much"},
    }
    platform.says(
        APPLICATIONS,
        [application(1, custom_fields=fields, created_at="2026-02-21T08:00:00.000Z", mood=1)],
    )

    landed, rows = load(
        greenhouse.applications, pages(greenhouse.applications, harvest), tmp_path, db
    )

    assert rows[0]["utm_campaign"] == "spring_hiring"
    assert rows[0]["utm_source"] is None
    assert rows[0]["created_at"].isoformat() == "2026-02-21T08:00:00+00:00"
    assert landed.drift == ("mood",)


def test_a_field_of_another_type_becomes_null(
    platform: Platform, harvest: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    stage = {"id": 4401, "job_id": 310, "name": "Review", "sort_order": "first"}
    platform.says("/v3/job_interview_stages", [stage, {**stage, "id": 4402, "sort_order": 1}])

    read = pages(greenhouse.job_interview_stages, harvest)
    _, rows = load(greenhouse.job_interview_stages, read, tmp_path, db)

    assert [row["sort_order"] for row in rows] == [None, 1]
    assert [row["job_id"] for row in rows] == ["310", "310"]


def test_a_repeated_and_a_reordered_page_change_nothing(
    platform: Platform, harvest: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    one, two = application(1), application(2, status="hired")
    for number, records in enumerate(([two, one], [two, one])):
        following = to(f"{platform.url}{APPLICATIONS}?cursor=c{number}")
        platform.says(APPLICATIONS, records, headers=following)
    platform.says(APPLICATIONS, [one, two])

    landed, rows = load(
        greenhouse.applications, pages(greenhouse.applications, harvest), tmp_path, db
    )

    assert landed.rows == 6
    assert [(r["application_id"], r["status"]) for r in rows] == [
        ("1", "in_process"),
        ("2", "hired"),
    ]


def test_a_page_loop_ends_with_an_error(platform: Platform, harvest: Client) -> None:
    platform.says(APPLICATIONS, [], headers=to(f"{platform.url}{APPLICATIONS}?cursor=same"))

    with pytest.raises(FatalError, match=r"greenhouse\.applications: page 2 leads back"):
        list(islice(greenhouse.applications.extract(harvest, scan()), 9))


def test_a_link_to_another_host_is_refused(
    platform: Platform, other_platform: Platform, harvest: Client
) -> None:
    platform.says(APPLICATIONS, [], headers=to(f"{other_platform.url}{APPLICATIONS}?cursor=c"))

    with pytest.raises(FatalError, match="a link leads to"):
        pages(greenhouse.applications, harvest)
    assert other_platform.calls == []


def test_a_used_up_quota_is_kept_before_the_platform_refuses(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772452812"}  # 12 s after its clock
    following = to(f"{platform.url}/v3/jobs?cursor=c")
    platform.says("/v3/jobs", [], headers={**left, **following})
    platform.says("/v3/jobs", [])
    naps: list[float] = []

    pages(greenhouse.jobs, connect(greenhouse, platform.url, naps))

    assert naps == [13.0]
