"""Pipedrive: persons as leads, the leads inbox, deals.

Source: API v2, for the inbox v1; reference read November 2026. Lists are read whole every night:
the platform tells of no deleted or merged person, and 500 records cost 10 to 20 of a day's 30,000
tokens and more. Archived leads and deals have lists of their own. A lead that becomes a deal leaves
the inbox, so a person's origin is looked for at person, lead and deal. Custom fields go by a hash
that differs from account to account: their names, and those of options, are read first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from extractors.core.auth import Bearer
from extractors.core.errors import ExtractError, FatalError
from extractors.core.http import Client, RateSignal, Reply, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

LISTED = 500
PERSONS, DEALS, LEADS = "/api/v2/persons", "/api/v2/deals", "/api/v1/leads"
LABELS = "/api/v1/leadLabels"
DEAL_FIELDS, PERSON_FIELDS = "/api/v2/dealFields", "/api/v2/personFields"
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
SOURCE_FIELD = "Lead source"
QUALIFIED = "Qualified, Marketing qualified, Sales qualified, MQL, SQL, Customer"
HASH = re.compile(r"[0-9a-f]{40}(_\w+)?")
RIGHTS = {
    "persons": "all persons (contacts:read)",
    "leads": "all leads (leads:read)",
    "deals": "all deals (deals:read)",
}
forbidden = naming_rights(RIGHTS, "Use the token of a user who may see {right}")
whole = partial(stream, mode="replace", page_size=LISTED)


def connect(account: Account) -> Client:
    """Return a client for the API token of a user."""
    token = account.secrets["api_token"]
    auth = Bearer(token, where=account.name, header="x-api-token")
    rate = RateSignal(remaining="x-ratelimit-remaining", reset="x-ratelimit-reset")
    return Client(account.base_url, where=account.name, auth=auth, rate=rate, explain=explain)


def explain(reply: Reply) -> ExtractError | None:
    """Name what no waiting helps against; None leaves the judgement to the status."""
    if reply.status == 429 and reply.headers.get("x-daily-ratelimit-token-remaining") == "0":
        do = "Run again after midnight in the account's time zone, or buy tokens"
        return FatalError(reply.where, "the account's tokens of this day are used up (429)", do)
    return forbidden(reply)


OWN = {name: Column() for name in UTM}
TIMES = {
    "created_at": Column("TIMESTAMPTZ", "add_time"),
    "modified_at": Column("TIMESTAMPTZ", "update_time"),
}


@whole(
    key=("person_id",),
    columns={
        "person_id": Column(path="id"),
        "email": Column(personal=True),
        "source": Column(),
        **OWN,
        "has_qualified_label": Column("BOOLEAN"),
        **TIMES,
    },
    ignored=names(
        "birthday custom_fields emails first_name im is_deleted job_title label_ids last_name name"
        " notes org_id owner_id phones picture_id postal_address visible_to"
    ),
)
def persons(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield all persons with what their own custom fields say about their origin.

    Shape: `source` is the option or text of the field "Lead source" (source_field under pipedrive:
    in sources.yml names another one); has_qualified_label is null without any label.
    """
    where = "pipedrive.persons"
    fields = _fields(client, scan, where, PERSON_FIELDS)
    labels = fields.options("label_ids")
    for page in _v2(client, where, PERSONS, fields.asked):
        records = [
            {**_named(record, fields), "email": _email(record), **_judged(record, labels, scan)}
            for record in page.records
        ]
        yield Page(records, page.fetched_at)


@whole(
    key=("lead_id",),
    columns={
        "lead_id": Column(path="id"),
        "person_id": Column(of=("persons",)),
        "channel": Column(),
        "channel_id": Column(),
        **OWN,
        "has_qualified_label": Column("BOOLEAN"),
        "is_archived": Column("BOOLEAN"),
        **TIMES,
    },
    ignored=names(
        "archive_time cc_email creator_id expected_close_date label_ids next_activity_id"
        " organization_id origin origin_id owner_id source source_deal_id source_name title value"
        " visible_to was_seen"
    ),
)
def leads(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the leads inbox, archived leads too; leads that became deals are no longer there.

    Shape: `channel` is the name of the source channel, `channel_id` a text beside it.
    """
    where = "pipedrive.leads"
    fields = _fields(client, scan, where, DEAL_FIELDS)
    reply = client.get(LABELS, where=where)
    labels = {str(one.get("id")): str(one.get("name")) for one in _listed(reply)}
    for target in (LEADS, f"{LEADS}/archived"):
        for page in _v1(client, where, target):
            records = [
                {**_named(record, fields), **_judged(record, labels, scan)}
                for record in page.records
            ]
            if records or target == LEADS:
                yield Page(records, page.fetched_at)


@whole(
    key=("deal_id",),
    columns={
        "deal_id": Column(path="id"),
        "person_id": Column(of=("persons",)),
        "channel": Column(),
        "channel_id": Column(),
        **OWN,
        "status": Column(),
        "amount": Column("DECIMAL(18,4)", "value"),
        "currency": Column(),
        "closed_at": Column("TIMESTAMPTZ", "close_time"),
        "is_archived": Column("BOOLEAN"),
        **TIMES,
    },
    ignored=names(
        "acv archive_time arr creator_user_id custom_fields expected_close_date is_deleted"
        " label_ids local_close_date local_lost_date local_won_date lost_reason lost_time mrr"
        " next_activity_id org_id origin origin_id owner_id pipeline_id probability source"
        " stage_change_time stage_id title visible_to won_time"
    ),
)
def deals(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield all deals that are not deleted, archived ones too."""
    where = "pipedrive.deals"
    fields = _fields(client, scan, where, DEAL_FIELDS)
    for target in (DEALS, f"{DEALS}/archived"):
        for page in _v2(client, where, target, fields.asked):
            records = [_named(record, fields) for record in page.records]
            if records or target == DEALS:
                yield Page(records, page.fetched_at)


@dataclass(frozen=True)
class Fields:
    """The definitions of one kind of record: which field is which column of ours."""

    known: Sequence[Record]
    codes: Mapping[str, str]

    @property
    def asked(self) -> dict[str, str]:
        """Return the parameter that asks for these custom fields and no others."""
        return {"custom_fields": ",".join(self.codes.values())} if self.codes else {}

    def options(self, code: str) -> dict[str, str]:
        """Return the names of a field's options by id."""
        return {
            str(option.get("id")): str(option.get("label"))
            for field in self.known
            if field.get("field_code") == code
            for option in field.get("options") or []
        }


def _fields(client: Client, scan: Scan, where: str, target: str) -> Fields:
    """Read the definitions of `target`, and find the fields that the settings name.

    Raises: FatalError when neither persons nor deals have a field that sources.yml names.
    """
    own, settings = {*UTM, "source"} if target == PERSON_FIELDS else {*UTM}, scan.settings
    given = {name: settings.get(name) for name in UTM} | {"source": settings.get("source_field")}
    usual = {name: name for name in UTM} | {"source": SOURCE_FIELD}
    other = DEAL_FIELDS if target == PERSON_FIELDS else PERSON_FIELDS
    here = _definitions(client, where, target)
    there = _definitions(client, where, other) if any(given.values()) else []
    codes = {}
    for name in sorted(own):
        wanted = _key(given[name] or usual[name])
        found = [one for one in here if _key(one.get("field_name")) == wanted]
        if found:
            codes[name] = str(found[0].get("field_code"))
        elif given[name] and wanted not in {_key(one.get("field_name")) for one in there}:
            do = "Correct it under pipedrive: in sources.yml"
            raise FatalError(where, f"there is no field {given[name]!r} for {name}", do)
    return Fields(here, codes)


def _definitions(client: Client, where: str, target: str) -> list[Record]:
    return [one for page in _v2(client, where, target, {}) for one in page.records]


def _v2(client: Client, where: str, target: str, more: Mapping[str, str]) -> Iterator[Page]:
    """Follow a list of API v2 by its cursors."""
    seen, asked = Seen(where), {"limit": str(LISTED), **more}
    while True:
        reply = client.get(target, asked, where=where)
        yield Page(listed(reply, "data"), reply.fetched_at)
        cursor = inner(reply.body, "additional_data", "next_cursor")
        if not cursor:
            return
        asked["cursor"] = seen.check(str(cursor))


def _v1(client: Client, where: str, target: str) -> Iterator[Page]:
    """Follow a list of API v1 by its offsets."""
    seen, asked = Seen(where), {"limit": str(LISTED), "start": "0"}
    while True:
        reply = client.get(target, asked, where=where)
        yield Page(_listed(reply), reply.fetched_at)
        paging = inner(reply.body, "additional_data", "pagination")
        if not inner(paging, "more_items_in_collection"):
            return
        asked["start"] = seen.check(str(inner(paging, "next_start")))


def _listed(reply: Reply) -> list[Record]:
    """Return the records of a v1 reply, which calls no records null."""
    body = reply.body
    nothing = isinstance(body, dict) and body.get("success") and body.get("data", 0) is None
    return [] if nothing else listed(reply, "data")


def _named(record: Record, fields: Fields) -> dict[str, Any]:
    """Return a record with our custom fields by their columns, and the names of options."""
    own = record.get("custom_fields") or record  # v1 has them beside the others
    kept = {name: value for name, value in record.items() if not HASH.fullmatch(name)}
    for column, code in fields.codes.items():
        value = inner(own, code)
        kept[column] = fields.options(code).get(str(value), value)
    if "channel" in kept:
        channel = kept["channel"]
        kept["channel"] = fields.options("channel").get(str(channel), channel)
    return kept


def _email(record: Record) -> Any:
    """Return the main address of a person."""
    found = [one for one in record.get("emails") or [] if isinstance(one, dict)]
    found.sort(key=lambda one: not one.get("primary"))
    return found[0].get("value") if found else None


def _judged(record: Record, labels: Mapping[str, str], scan: Scan) -> dict[str, bool | None]:
    """Tell whether a label means qualified; None without any label."""
    meant = {_key(one) for one in scan.settings.get("qualified_labels", QUALIFIED).split(",")}
    own = [_key(labels.get(str(one))) for one in record.get("label_ids") or []]
    return {"has_qualified_label": any(one in meant for one in own) if own else None}


def _key(name: Any) -> str:
    return re.sub(r"[\s_-]+", "", str(name)).lower()


SOURCE = Source(
    area="crm",
    title="Pipedrive",
    base_url="https://api.pipedrive.com",
    connect=connect,
    credentials=("api_token",),
    permissions=RIGHTS,
    access="Copy the API token of a user who sees all persons, leads and deals, from personal"
    " preferences > API.",
)
