"""Greenhouse Harvest v3: applications, the stages they entered, offers, jobs, sources, openings.

Source: Harvest v3 reference, read November 2026. Lists are bare arrays in descending order of id;
the next page is in the Link header, and a request with a cursor carries nothing else. Candidates
are asked for their id and addresses alone, and both are pseudonyms before they reach the disk. What
is deleted vanishes without a sign, so the ids of all applications are read every night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from extractors.core.auth import OAuth
from extractors.core.http import Client, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

TOKEN_URL = "https://auth.greenhouse.io/token"
PER_PAGE = 500
HISTORY_DAYS = 1095
LOOKBACK_DAYS = 2
# A row that changes every night before we read it must not stay outside every window.
OVERLAP = timedelta(days=1)
STAMPS = frozenset({"created_at", "updated_at"})
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")

RIGHTS = {
    "applications": "harvest:applications:list",
    "application_ids": "harvest:applications:list",
    "application_stages": "harvest:application_stages:list",
    "job_interview_stages": "harvest:job_interview_stages:list",
    "offers": "harvest:offers:list",
    "jobs": "harvest:jobs:list",
    "sources": "harvest:sources:list",
    "openings": "harvest:openings:list",
    "candidates": "harvest:candidates:list",
}
changing = partial(
    stream,
    mode="window",
    lookback_days=LOOKBACK_DAYS,
    history_days=HISTORY_DAYS,
    page_size=PER_PAGE,
)
whole = partial(stream, mode="snapshot", page_size=PER_PAGE)
explain = naming_rights(RIGHTS, "Grant {right} to the credential and let its user be a Site Admin")


def connect(account: Account) -> Client:
    """Return a client that fetches its own tokens (OAuth client credentials)."""
    form = {"grant_type": "client_credentials"}
    if account.settings.get("user_id"):
        form["sub"] = account.settings["user_id"]
    pair = (account.secrets["client_id"], account.secrets["client_secret"])
    address = account.settings.get("token_url", TOKEN_URL)
    auth = OAuth(address, form, where=account.name, basic=pair, keep=account.keep)
    return Client(account.base_url, where=account.name, auth=auth, explain=explain)


@changing(
    key=("application_id",),
    columns={
        "application_id": Column(path="id"),
        "candidate_id": Column(personal=True, of=("candidates",)),
        "job_id": Column(),
        "source_id": Column(),
        "prospect": Column("BOOLEAN"),
        "status": Column(),
        "rejected_at": Column("TIMESTAMPTZ"),
        **{name: Column(path=f"custom_fields.{name}.value") for name in UTM},
        "created_at": Column("TIMESTAMPTZ"),
        "updated_at": Column("TIMESTAMPTZ"),
    },
)
def applications(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield applications and prospects that changed in the window.

    Shape: one record per application; only the fields named here are asked for.
    """
    fields = "id,candidate_id,job_id,source_id,prospect,status,rejected_at,custom_fields"
    params = _changed(scan) | {"fields": f"{fields},created_at,updated_at"}
    yield from _pages(client, "applications", params)


@stream(
    key=("application_id",),
    columns={"application_id": Column(path="id", of=("applications",))},
    mode="replace",
    page_size=PER_PAGE,
)
def application_ids(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the id of every application and prospect there is: what lacks here was deleted."""
    yield from _pages(client, "application_ids", {"fields": "id"}, "applications")


@changing(
    key=("application_stage_id",),
    columns={
        "application_stage_id": Column(path="id"),
        "application_id": Column(of=("applications",)),
        "job_interview_stage_id": Column(),
        "entered_at": Column("TIMESTAMPTZ"),
    },
    ignored=STAMPS | {"exited_at", "days_in_stage", "current"},
)
def application_stages(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield each entry of an application into a stage that changed in the window."""
    yield from _pages(client, "application_stages", _changed(scan))


@whole(
    key=("job_interview_stage_id",),
    columns={
        "job_interview_stage_id": Column(path="id"),
        "job_id": Column(),
        "name": Column(),
        "sort_order": Column("BIGINT"),
    },
    ignored=STAMPS | {"active"},
)
def job_interview_stages(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the stages of every job; 0 is the first."""
    yield from _pages(client, "job_interview_stages", {})


@changing(
    key=("offer_id",),
    columns={
        "offer_id": Column(path="id"),
        "application_id": Column(of=("applications",)),
        "version": Column("BIGINT"),
        "status": Column(),
        "sent_on": Column("DATE"),
        "resolved_at": Column("TIMESTAMPTZ"),
        "created_at": Column("TIMESTAMPTZ"),
        "updated_at": Column("TIMESTAMPTZ"),
    },
)
def offers(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every version of an offer that changed in the window; pay is never asked for."""
    fields = "id,application_id,version,status,sent_on,resolved_at,created_at,updated_at"
    yield from _pages(client, "offers", _changed(scan) | {"fields": fields})


@whole(
    key=("job_id",),
    columns={"job_id": Column(path="id"), "name": Column(), "status": Column()},
    ignored=STAMPS
    | names(
        "closed_at confidential copied_from_id custom_fields department_id is_template"
        " notes office_ids opened_at requisition_id"
    ),
)
def jobs(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every job."""
    yield from _pages(client, "jobs", {})


@whole(
    key=("source_id",),
    columns={
        "source_id": Column(path="id"),
        "name": Column(),
        "strategy": Column(path="type.name"),
    },
    ignored=STAMPS,
)
def sources(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the names of sources and the strategy they belong to."""
    yield from _pages(client, "sources", {})


@whole(
    key=("opening_id",),
    columns={
        "opening_id": Column(path="id"),
        "application_id": Column(of=("applications",)),
        "closed_at": Column("TIMESTAMPTZ"),
    },
    ignored=STAMPS
    | names(
        "close_reason_id custom_fields job_id open opened_at opening_id sort_order target_start_on"
    ),
)
def openings(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every opening; the one that a hire filled names the application."""
    yield from _pages(client, "openings", {})


@changing(
    key=("candidate_id",),
    columns={
        "candidate_id": Column(path="id", personal=True),
        "person": Column(personal=True),
    },
    ignored=frozenset({"email_addresses"}),
)
def candidates(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield id and first e-mail address of candidates that changed in the window."""
    params = _changed(scan) | {"fields": "id,email_addresses"}
    for page in _pages(client, "candidates", params):
        yield Page([_addressed(record) for record in page.records], page.fetched_at)


def _addressed(record: Record) -> dict[str, Any]:
    addresses = record.get("email_addresses")
    first = addresses[0] if isinstance(addresses, list) and addresses else None
    return {**record, "person": inner(first, "value")}


def _changed(scan: Scan) -> dict[str, str]:
    """Return the two-sided filter of the window: an open end would lose rows of a cut-off run."""
    bounds = f"gte|{_iso(scan.window.start)}|lte|{_iso(scan.window.end + OVERLAP)}"
    return {"updated_at": bounds}


def _pages(client: Client, name: str, params: Mapping[str, str], path: str = "") -> Iterator[Page]:
    where = f"greenhouse.{name}"
    seen = Seen(where)
    reply = client.get(f"/v3/{path or name}", {"per_page": str(PER_PAGE), **params}, where=where)
    yield Page(listed(reply), reply.fetched_at)
    while link := reply.next_link():
        reply = client.get(seen.check(link), where=where)
        yield Page(listed(reply), reply.fetched_at)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


SOURCE = Source(
    area="recruiting",
    title="Greenhouse",
    base_url="https://harvest.greenhouse.io",
    connect=connect,
    credentials=("client_id", "client_secret"),
    permissions=RIGHTS,
    access="Configure, Dev Center, API credentials: a Harvest V3 (OAuth) credential with the "
    "scopes below, acting as a Site Admin; others are refused every list.",
)
