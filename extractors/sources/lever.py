"""Lever: opportunities, the stages that they entered, stages, archive reasons and what was deleted.

Source: Data API v1; reference read November 2026. All times are epoch milliseconds. `next` is the
offset of the next page, URL-encoded already. Archived opportunities are part of the list, keep
their last stage, and are hires or not by the type of their archive reason. Leads (sourced people
who did not apply) stand in stages of their own and are no applications. Deleted opportunities
vanish from the list and are named by a feed; anonymised ones stay, without the person. Contacts
that are merged keep their opportunities, and each job that a person applies for is one.
Confidential ones are silently left out, unless `confidentiality: all` stands under lever: in
sources.yml and the key allows it. Personal fields cannot be left out of the answer: of them only
the first address is kept, as a pseudonym.

Lever keeps no UTM. What a job link carries as lever-source is kept as a source, and a link may
carry several: so the links of campaigns name the source and each UTM field,
`lever-source[]=LinkedIn&lever-source[]=utm_source=linkedin&lever-source[]=utm_campaign=spring`
(the inner = encoded as %3D). A source or tag of the form utm_source=…, utm_medium=…,
utm_campaign=… or utm_content=… is read as that field, the first other source as the source.

A company's own stages belong to the process after the first one; what is otherwise is named under
lever: in sources.yml, as comma lists of stage names: lead_stages, entry_stages (not qualified
yet), offer_stages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

from extractors.core.auth import Basic
from extractors.core.errors import FatalError
from extractors.core.http import Client, Reply, Seen
from extractors.core.phases import named_phase
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

LIMIT = 100
HISTORY_DAYS = 1095
LOOKBACK_DAYS = 2
# A row that changes every night before we read it must not stay outside every window.
OVERLAP = timedelta(days=1)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
NAMED = ("lead", "entry", "offer")  # settings: lead_stages, entry_stages, offer_stages

RIGHTS = {
    "opportunities": "Opportunities: list all opportunities",
    "stage_changes": "Opportunities: list all opportunities",
    "stages": "Stages: list all stages",
    "archive_reasons": "Archive reasons: list all archive reasons",
    "deleted_opportunities": "Opportunities: list deleted opportunities",
}
explain = naming_rights(RIGHTS, 'Give the API key the permission "{right}"')
changing = partial(
    stream,
    mode="window",
    lookback_days=LOOKBACK_DAYS,
    history_days=HISTORY_DAYS,
    page_size=LIMIT,
)
whole = partial(stream, mode="snapshot", page_size=LIMIT)


def connect(account: Account) -> Client:
    """Return a client for an API key."""
    auth = Basic(account.secrets["api_key"])
    return Client(account.base_url, where=account.name, auth=auth, explain=explain)


@changing(
    key=("opportunity_id",),
    columns={
        "opportunity_id": Column(path="id"),
        "person": Column(personal=True),
        "posting_id": Column(),
        "stage_id": Column(path="stage"),
        "origin": Column(),
        "source": Column(),
        **{name: Column() for name in UTM},
        "archive_reason_id": Column(path="archived.reason"),
        "archived_at": Column("TIMESTAMPTZ"),
        "is_anonymized": Column("BOOLEAN", "isAnonymized"),
        "applied_at": Column("TIMESTAMPTZ"),
        "created_at": Column("TIMESTAMPTZ", "createdAt"),
        "updated_at": Column("TIMESTAMPTZ", "updatedAt"),
    },
    ignored=names(
        "applications confidentiality contact dataProtection emails followers headline"
        " lastAdvancedAt lastInteractionAt links location name opportunityLocation owner phones"
        " resume snoozedUntil sourcedBy sources stageChanges tags urls"
    ),
)
def opportunities(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield opportunities that changed in the window, leads and archived ones too.

    Shape: posting_id and applied_at are those of the first application, of which there is one; an
    opportunity without has its own creation.
    """
    for reply, found in _changed(client, scan, "opportunities", expand="applications"):
        yield Page([_opportunity(record) for record in found], reply.fetched_at)


@changing(
    key=("opportunity_id", "stage_id", "entered_at"),
    columns={
        "opportunity_id": Column(of=("opportunities",)),
        "stage_id": Column(path="toStageId"),
        "entered_at": Column("TIMESTAMPTZ"),
    },
    ignored=names("toStageIndex updatedAt userId"),
)
def stage_changes(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield each entry into a stage of the opportunities that changed in the window."""
    for reply, found in _changed(client, scan, "stage_changes"):
        records = [
            {
                **change,
                "opportunity_id": record.get("id"),
                "entered_at": _moment(change.get("updatedAt")),
            }
            for record in found
            for change in record.get("stageChanges") or []
        ]
        yield Page(records, reply.fetched_at)


@whole(
    key=("stage_id",),
    columns={"stage_id": Column(path="id"), "name": Column(path="text"), "phase": Column()},
)
def stages(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every stage with the phase of the funnel that it stands for."""
    for reply, found in _pages(client, "stages", "stages", {}):
        records = [{**record, "phase": _phase(record, scan.settings)} for record in found]
        yield Page(records, reply.fetched_at)


@whole(
    key=("archive_reason_id",),
    columns={
        "archive_reason_id": Column(path="id"),
        "name": Column(path="text"),
        "type": Column(),
    },
    ignored=names("status"),
)
def archive_reasons(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every archive reason; its type says whether it means a hire."""
    for reply, found in _pages(client, "archive_reasons", "archive_reasons", {}):
        yield Page(found, reply.fetched_at)


@changing(
    key=("opportunity_id",),
    columns={
        "opportunity_id": Column(path="id", of=("opportunities",)),
        "deleted_at": Column("TIMESTAMPTZ", "deletedAt"),
    },
)
def deleted_opportunities(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ids of opportunities that were deleted in the window."""
    params, where = _span(scan, "deleted_at"), "deleted_opportunities"
    for reply, found in _pages(client, where, "opportunities/deleted", params):
        records = [{**one, "deletedAt": _moment(one.get("deletedAt"))} for one in found]
        yield Page(records, reply.fetched_at)


def _opportunity(record: Record) -> dict[str, Any]:
    """Return the record with what is asked of its lists, and its times as texts."""
    applications, emails = record.get("applications"), record.get("emails")
    applied = next((one for one in applications or [] if isinstance(one, dict)), {})
    created = _moment(record.get("createdAt"))
    return {
        **record,
        **_origins(record),
        "person": next(iter(emails or []), None),
        "posting_id": applied.get("posting"),
        "applied_at": _moment(applied.get("createdAt")) or created,
        "archived_at": _moment(inner(record, "archived", "archivedAt")),
        "createdAt": created,
        "updatedAt": _moment(record.get("updatedAt")),
    }


def _origins(record: Record) -> dict[str, str | None]:
    """Return the UTM fields among sources and tags, and the first source that is none."""
    found = dict[str, str | None]()
    for kind in ("sources", "tags"):
        for text in record.get(kind) or []:
            name, equals, value = str(text).partition("=")
            if equals and name.strip().lower() in UTM:
                found.setdefault(name.strip().lower(), value)
            elif kind == "sources":
                found.setdefault("source", str(text))
    return {name: found.get(name) for name in ("source", *UTM)}


def _phase(stage: Record, settings: Mapping[str, str]) -> str:
    """Return lead, entry, offer or process; Lever's own stages have ids that never change."""
    own = str(stage.get("id"))
    known = "offer" if own == "offer" else "process"
    known = {"lead": "lead", "applicant": "entry"}.get(own.partition("-")[0], known)
    return named_phase(stage.get("text"), NAMED, settings) or known


def _changed(
    client: Client, scan: Scan, name: str, **more: str
) -> Iterator[tuple[Reply, list[Record]]]:
    """Yield the pages of opportunities that changed in the window."""
    params = {**_span(scan, "updated_at"), **more}
    if scan.settings.get("confidentiality"):
        params["confidentiality"] = scan.settings["confidentiality"]
    yield from _pages(client, name, "opportunities", params)


def _span(scan: Scan, name: str) -> dict[str, str]:
    ends = {"start": scan.window.start, "end": scan.window.end + OVERLAP}
    return {f"{name}_{side}": str(int(at.timestamp()) * 1000) for side, at in ends.items()}


def _pages(
    client: Client, name: str, path: str, params: Mapping[str, str]
) -> Iterator[tuple[Reply, list[Record]]]:
    """Yield each reply with its records, until the platform says that there is no more."""
    where = f"lever.{name}"
    seen, asked = Seen(where), {"limit": str(LIMIT), **params}
    while True:
        reply = client.get(f"/v1/{path}", asked, where=where)
        yield reply, listed(reply, "data")
        if not inner(reply.body, "hasNext"):
            return
        following = inner(reply.body, "next")
        if not isinstance(following, str) or not following:
            do = "Compare with the platform's change log"
            raise FatalError(where, "a page has a next one and does not say which", do)
        # encoded already: sent as it is, it would be encoded twice
        asked["offset"] = unquote(seen.check(following))


def _moment(value: Any) -> str | None:
    """Return epoch milliseconds as ISO text."""
    if not isinstance(value, int):
        return None
    return datetime.fromtimestamp(value / 1000, UTC).isoformat()


SOURCE = Source(
    area="recruiting",
    title="Lever",
    base_url="https://api.lever.co",
    connect=connect,
    credentials=("api_key",),
    permissions=RIGHTS,
    access=(
        "A Super Admin makes an API key in Lever under Settings, Integrations and API, API"
        " credentials, and ticks the read permissions. Companies in the EU set"
        " base_url: https://api.eu.lever.co."
    ),
)
