"""HubSpot CRM: contacts as leads and their stages, deals with their contact, merges, deletions.

Source: CRM v3 search and lists, v4 associations; reference read November 2026. Only the properties
named here are asked for. A search answers at most 10,000 results, and objects that change while it
is paged move its offsets; so every page asks for ids above the last one, with offset 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from extractors.core.auth import Bearer
from extractors.core.errors import FatalError
from extractors.core.http import Client, RateSignal, Seen
from extractors.core.shape import inner, listed, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

SEARCH_LIMIT, LIST_LIMIT, HISTORY_LIMIT = 200, 100, 50
HISTORY_DAYS = 1095
LOOKBACK_DAYS = 2  # the search index lags behind
# A row that changes every night before we read it must not stay outside every window.
OVERLAP = timedelta(days=1)
CONTACTS_READ, DEALS_READ = "crm.objects.contacts.read", "crm.objects.deals.read"
QUALIFIED_STAGES = ("marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
ORIGIN = ("hs_analytics_source", "hs_analytics_source_data_1", "hs_analytics_source_data_2")
ENVELOPE = frozenset({"createdAt", "updatedAt", "archived", "archivedAt", "url"})

RIGHTS = {
    "contacts": CONTACTS_READ,
    "contact_stage_changes": CONTACTS_READ,
    "contact_merges": CONTACTS_READ,
    "contacts_archived": CONTACTS_READ,
    "deals": f"{DEALS_READ} and {CONTACTS_READ}",
    "deal_merges": DEALS_READ,
    "deals_archived": DEALS_READ,
    "deal_stages": "crm.schemas.deals.read",
}
changing = partial(
    stream,
    mode="window",
    lookback_days=LOOKBACK_DAYS,
    history_days=HISTORY_DAYS,
    page_size=SEARCH_LIMIT,
    ignored=ENVELOPE | {"properties"},
)
whole = partial(stream, mode="snapshot", page_size=LIST_LIMIT, ignored=ENVELOPE | {"properties"})
explain = naming_rights(RIGHTS, "Grant {right} to the app that the token belongs to")


def connect(account: Account) -> Client:
    """Return a client for a service key or private app token."""
    rate = RateSignal(
        remaining="X-HubSpot-RateLimit-Remaining",
        reset="X-HubSpot-RateLimit-Interval-Milliseconds",
        milliseconds=True,
    )
    auth = Bearer(account.secrets["access_token"], where=account.name)
    return Client(account.base_url, where=account.name, auth=auth, rate=rate, explain=explain)


def _property(name: str, type_: Any = "VARCHAR", *, personal: bool = False) -> Column:
    return Column(type_, f"properties.{name}", personal)


CONTACT = {
    "email": _property("email", personal=True),
    "created_at": _property("createdate", "TIMESTAMPTZ"),
    "modified_at": _property("lastmodifieddate", "TIMESTAMPTZ"),
    "lifecycle_stage": _property("lifecyclestage"),
    **{name: _property(name) for name in (*ORIGIN, *UTM)},
    **{
        f"{stage}_at": _property(f"hs_v2_date_entered_{stage}", "TIMESTAMPTZ")
        for stage in QUALIFIED_STAGES
    },
}
DEAL = {
    "created_at": _property("createdate", "TIMESTAMPTZ"),
    "modified_at": _property("hs_lastmodifieddate", "TIMESTAMPTZ"),
    "pipeline_id": _property("pipeline"),
    "stage_id": _property("dealstage"),
    "is_closed": _property("hs_is_closed", "BOOLEAN"),
    "is_won": _property("hs_is_closed_won", "BOOLEAN"),
    "closes_at": _property("closedate", "TIMESTAMPTZ"),
    "amount": _property("amount", "DECIMAL(18,4)"),
    "currency": _property("deal_currency_code"),
    **{name: _property(name) for name in (*ORIGIN, *UTM)},
}
STAGE = ("value", "timestamp")
CLICK_IDS = ("hs_facebook_click_id", "hs_google_click_id")


@changing(
    key=("contact_id",),
    columns={
        "contact_id": Column(path="id"),
        **CONTACT,
        "has_facebook_click": Column("BOOLEAN"),
        "has_google_click": Column("BOOLEAN"),
    },
)
def contacts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield contacts that changed in the window; of click ids only whether there is one."""
    asked = (*_names(CONTACT), *CLICK_IDS)
    for page in _search(client, "contacts", "contacts", _changed(scan, "lastmodifieddate"), asked):
        yield Page([_clicked(record) for record in page.records], page.fetched_at)


@changing(
    key=("contact_id", "stage", "entered_at"),
    columns={
        "contact_id": Column(path="id", of=("contacts",)),
        "stage": Column(path="value"),
        "entered_at": Column("TIMESTAMPTZ", "timestamp"),
    },
)
def contact_stage_changes(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every lifecycle stage that contacts changed in the window have ever been given.

    Shape: one record per stage and moment; who set it is left out. A search gives no history, so
    its ids are read in batches. Before a stage is set back it is emptied: that is no record.
    """
    where = "hubspot.contact_stage_changes"
    staged = {"propertyName": "lifecyclestage", "operator": "HAS_PROPERTY"}
    changed = [*_changed(scan, "lastmodifieddate"), staged]
    for page in _search(client, "contact_stage_changes", "contacts", changed, ["hs_object_id"]):
        if not page.records:
            yield page
        for first in range(0, len(page.records), HISTORY_LIMIT):
            ids = [{"id": one.get("id")} for one in page.records[first : first + HISTORY_LIMIT]]
            asked = {"inputs": ids, "properties": [], "propertiesWithHistory": ["lifecyclestage"]}
            reply = client.post("/crm/v3/objects/contacts/batch/read", json=asked, where=where)
            records = [
                {"id": contact.get("id"), **{name: change.get(name) for name in STAGE}}
                for contact in listed(reply, "results")
                for change in inner(contact, "propertiesWithHistory", "lifecyclestage") or []
                if change.get("value")
            ]
            yield Page(records, reply.fetched_at)


@changing(
    key=("deal_id",),
    columns={
        "deal_id": Column(path="id"),
        **DEAL,
        "contact_id": Column(of=("contacts",)),
        "contacts": Column("BIGINT"),
    },
)
def deals(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield deals that changed in the window, each with its first contact.

    Shape: a search gives no associations, so each page is followed by one call for them.
    """
    changed = _changed(scan, "hs_lastmodifieddate")
    for page in _search(client, "deals", "deals", changed, _names(DEAL)):
        yield Page(_associated(client, page.records), page.fetched_at)


def _merge(of: str) -> dict[str, Column]:
    """Both records are one person's."""
    return {
        "loser_id": Column(of=(of,), takes=of),
        "winner_id": Column(path="id", of=(of,), takes=of),
    }


@changing(
    key=("loser_id",),
    columns=_merge("contacts"),
)
def contact_merges(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield one record per contact that was merged into another one."""
    yield from _merges(client, "contact_merges", "contacts", _changed(scan, "lastmodifieddate"))


@changing(
    key=("loser_id",),
    columns=_merge("deals"),
)
def deal_merges(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield one record per deal that was merged into another one."""
    yield from _merges(client, "deal_merges", "deals", _changed(scan, "hs_lastmodifieddate"))


ARCHIVED = {"archived_at": Column("TIMESTAMPTZ", "archivedAt")}


@whole(
    key=("contact_id",),
    columns={"contact_id": Column(path="id", of=("contacts",)), **ARCHIVED},
)
def contacts_archived(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield ids of deleted contacts; the platform keeps them for 90 days, a search never."""
    yield from _archived(client, "contacts_archived", "contacts")


@whole(
    key=("deal_id",),
    columns={"deal_id": Column(path="id", of=("deals",)), **ARCHIVED},
)
def deals_archived(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield ids of deleted deals; the platform keeps them for 90 days, a search never."""
    yield from _archived(client, "deals_archived", "deals")


@stream(
    key=("pipeline_id", "stage_id"),
    columns={
        "pipeline_id": Column(),
        "stage_id": Column(path="id"),
        "probability": Column("DOUBLE", "metadata.probability"),
        "is_closed": Column("BOOLEAN", "metadata.isClosed"),
    },
    mode="snapshot",
    ignored=ENVELOPE | {"label", "displayOrder", "writePermissions"},
)
def deal_stages(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield one record per stage of every deal pipeline."""
    reply = client.get("/crm/v3/pipelines/deals", where="hubspot.deal_stages")
    records = [
        {**stage, "pipeline_id": pipeline.get("id")}
        for pipeline in listed(reply, "results")
        for stage in pipeline.get("stages") or []
    ]
    yield Page(records, reply.fetched_at)


def _changed(scan: Scan, name: str) -> list[dict[str, str]]:
    window = scan.window
    return [
        {"propertyName": name, "operator": "GTE", "value": _milliseconds(window.start)},
        {"propertyName": name, "operator": "LTE", "value": _milliseconds(window.end + OVERLAP)},
    ]


def _search(
    client: Client, name: str, kind: str, filters: list[dict[str, str]], properties: Sequence[str]
) -> Iterator[Page]:
    """Page by id: the same filters, above the last id, until the platform names no next page."""
    where = f"hubspot.{name}"
    seen, above = Seen(where), list[dict[str, str]]()
    while True:
        body = {
            "filterGroups": [{"filters": [*filters, *above]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCH_LIMIT,
            "after": "0",
        }
        reply = client.post(f"/crm/v3/objects/{kind}/search", json=body, where=where)
        results = listed(reply, "results")
        yield Page(results, reply.fetched_at)
        if not results or inner(reply.body, "paging", "next", "after") is None:
            return
        following = seen.check(str(max(_number(record, where) for record in results) + 1))
        above = [{"propertyName": "hs_object_id", "operator": "GTE", "value": following}]


def _number(record: Record, where: str) -> int:
    try:
        return int(record["id"])
    except (KeyError, TypeError, ValueError) as error:
        do = "Compare with the platform's change log"
        raise FatalError(where, "a search result has no number as id", do) from error


def _associated(client: Client, records: Sequence[Record]) -> list[Record]:
    """Add the first contact of each deal and how many it has."""
    if not records:
        return []
    asked = {"inputs": [{"id": str(record.get("id"))} for record in records]}
    path = "/crm/v4/associations/deals/contacts/batch/read"
    reply = client.post(path, json=asked, where="hubspot.deals")
    found = {
        str(inner(item, "from", "id")): [str(to.get("toObjectId")) for to in item.get("to") or []]
        for item in listed(reply, "results")
    }
    linked = [(record, found.get(str(record.get("id")), [])) for record in records]
    return [
        {**record, "contact_id": ids[0] if ids else None, "contacts": len(set(ids))}
        for record, ids in linked
    ]


def _merges(client: Client, name: str, kind: str, changed: list[dict[str, str]]) -> Iterator[Page]:
    merged = {"propertyName": "hs_merged_object_ids", "operator": "HAS_PROPERTY"}
    for page in _search(client, name, kind, [*changed, merged], ["hs_merged_object_ids"]):
        records = [
            {**record, "loser_id": loser.strip()}
            for record in page.records
            for loser in str(inner(record, "properties", "hs_merged_object_ids") or "").split(";")
            if loser.strip()
        ]
        yield Page(records, page.fetched_at)


def _archived(client: Client, name: str, kind: str) -> Iterator[Page]:
    where = f"hubspot.{name}"
    params = {"archived": "true", "limit": str(LIST_LIMIT), "properties": "hs_object_id"}
    seen = Seen(where)
    while True:
        reply = client.get(f"/crm/v3/objects/{kind}", params, where=where)
        yield Page(listed(reply, "results"), reply.fetched_at)
        after = inner(reply.body, "paging", "next", "after")
        if after is None:
            return
        params["after"] = seen.check(str(after))


def _clicked(record: Record) -> dict[str, Any]:
    facebook, google = (inner(record, "properties", name) for name in CLICK_IDS)
    return {**record, "has_facebook_click": bool(facebook), "has_google_click": bool(google)}


def _names(columns: dict[str, Column]) -> list[str]:
    return [column.path.removeprefix("properties.") for column in columns.values()]


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp()) * 1000)


SOURCE = Source(
    area="crm",
    title="HubSpot",
    base_url="https://api.hubapi.com",
    connect=connect,
    credentials=("access_token",),
    permissions=RIGHTS,
    access="Settings, Integrations, Private apps: an app with the read scopes below; its token "
    "has no end and is changed by rotation.",
)
