"""Salesforce: leads, opportunities, what ties both together, campaigns and their members.

Source: REST API and Bulk API 2.0, v67.0; reference read November 2026. Every list is one query
over what changed (`SystemModstamp`), asked of queryAll: it alone shows deleted and merged records,
for the 15 days that they lie in the recycle bin; what was emptied from it is told by getDeleted,
for 30 days. More days than `bulk_after_days` under salesforce: in sources.yml (31 if it is not
there), a first load above all, are asked for as one bulk job: it may run for long, and costs few
of the day's calls; the same rows come as CSV, where null is an empty cell. UTM fields are the org's
own, so a description of the object says first which of them exist. A session ends without notice
(401); the quota of a day answers 403, which is no missing permission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from extractors.core import jobs
from extractors.core.auth import OAuth
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, Reply, Seen
from extractors.core.shape import inner, listed, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

API_VERSION = "67.0"
HISTORY_DAYS = 1095
LOOKBACK_DAYS = 2
# A row that changes every night before we read it must not stay outside every window.
OVERLAP = timedelta(days=1)
TOLD_DAYS = timedelta(days=29)  # getDeleted refuses what lies 30 days back
BULK_AFTER_DAYS = "31"
JOB = {"operation": "queryAll", "contentType": "CSV", "columnDelimiter": "COMMA"}
LOCATED = jobs.Paging("maxRecords", "locator", "Sforce-Locator", "Sforce-NumberOfRecords", "null")
MOST_USED = 0.95  # the rest of the day's calls is left to the org's other applications
UTM = {name: f"{name}__c" for name in ("utm_source", "utm_medium", "utm_campaign", "utm_content")}
RIGHTS = {
    "leads": "Read and View All Records on Lead, and Read on its fields",
    "opportunities": "Read and View All Records on Opportunity, and Read on its fields",
    "opportunity_contacts": "Read on Opportunity and Contact",
    "campaign_members": "Read on Campaign and Lead",
    "campaigns": "Read on Campaign",
    "deleted_records": "Read on Lead and Opportunity, and the API Enabled permission",
}
forbidden = naming_rights(RIGHTS, "Give the permission set of the integration user: {right}")
changing = partial(
    stream,
    mode="window",
    lookback_days=LOOKBACK_DAYS,
    history_days=HISTORY_DAYS,
    page_size=2000,
    ignored=frozenset({"attributes"}),
)


def connect(account: Account) -> Client:
    """Return a client that fetches its own sessions: client credentials, or a refresh token."""
    form = {name: account.secrets[name] for name in ("client_id", "client_secret")}
    if account.secrets.get("refresh_token"):
        renewal = {"refresh_token": account.secrets["refresh_token"]}
        form |= {"grant_type": "refresh_token", **renewal}
    else:
        form |= {"grant_type": "client_credentials"}
    own = f"{account.base_url.rstrip('/')}/services/oauth2/token"
    address = account.settings.get("token_url", own)
    auth = OAuth(address, form, where=account.name, keep=account.keep)
    return Client(account.base_url, where=account.name, auth=auth, explain=explain)


def explain(reply: Reply) -> ExtractError | None:
    """Name the platform's own reasons; None leaves the judgement to the status."""
    first = reply.body[0] if isinstance(reply.body, list) and reply.body else None
    code, words = inner(first, "errorCode"), str(inner(first, "message"))
    if code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" in words.lower():
        return RetriableError(reply.where, "too many calls at once", "Run again later")
    if code == "REQUEST_LIMIT_EXCEEDED":
        do = "Run again when the org has calls left; Setup > System Overview shows how many"
        return FatalError(reply.where, "the org's calls of 24 hours are used up (403)", do)
    if code in ("INVALID_FIELD", "INVALID_TYPE"):
        named = re.search(r"(?:column|type) '(\w+)'", words)
        what = f"{named[1] if named else 'a name'} is hidden or does not exist ({code})"
        right = RIGHTS.get(reply.where.partition(".")[2], "Read on the object and its fields")
        do = f"Give the permission set of the integration user: {right}"
        return FatalError(reply.where, what, do)
    used = re.search(r"api-usage=(\d+)/(\d+)", reply.headers.get("Sforce-Limit-Info") or "")
    if used and int(used[1]) >= MOST_USED * int(used[2]):
        do = "Run again later; what is left is for the org's other applications"
        return FatalError(reply.where, f"{used[1]} of {used[2]} calls of 24 hours are used", do)
    return forbidden(reply)


CHANGED = {
    "created_at": Column("TIMESTAMPTZ", "CreatedDate"),
    "modified_at": Column("TIMESTAMPTZ", "SystemModstamp"),
    "is_deleted": Column("BOOLEAN", "IsDeleted"),
}
LEAD = {
    "lead_id": Column(path="Id"),
    "email": Column(path="Email", personal=True),
    "status": Column(path="Status"),
    "lead_source": Column(path="LeadSource"),
    "is_converted": Column("BOOLEAN", "IsConverted"),
    "converted_on": Column("DATE", "ConvertedDate"),
    "opportunity_id": Column(path="ConvertedOpportunityId", takes="opportunities"),
    "contact_id": Column(path="ConvertedContactId", takes="contacts"),
    "master_id": Column(path="MasterRecordId", of=("leads",), takes="leads"),
    **CHANGED,
}
OPPORTUNITY = {
    "opportunity_id": Column(path="Id", of=("opportunities",)),
    "campaign_id": Column(path="CampaignId"),
    "lead_source": Column(path="LeadSource"),
    "is_closed": Column("BOOLEAN", "IsClosed"),
    "is_won": Column("BOOLEAN", "IsWon"),
    "closes_on": Column("DATE", "CloseDate"),
    "amount": Column("DECIMAL(18,4)", "Amount"),
    **CHANGED,
}
OPPORTUNITY_CONTACT = {
    "role_id": Column(path="Id"),
    "opportunity_id": Column(path="OpportunityId", of=("opportunities",)),
    "contact_id": Column(path="ContactId", of=("contacts",)),  # no stream of ours
    "is_primary": Column("BOOLEAN", "IsPrimary"),
    **CHANGED,
}
MEMBER = {
    "member_id": Column(path="Id"),
    "campaign_id": Column(path="CampaignId"),
    "lead_id": Column(path="LeadId", of=("leads",)),
    **CHANGED,
}
CAMPAIGN = {"campaign_id": Column(path="Id"), "name": Column(path="Name")}
OWN = {name: Column() for name in UTM}


@changing(key=("lead_id",), columns={**LEAD, **OWN, "has_qualified_status": Column("BOOLEAN")})
def leads(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield leads that changed in the window, converted, merged and deleted ones too.

    Shape: has_qualified_status is null unless `qualified_statuses` under salesforce: in
    sources.yml lists the statuses that mean it, e.g. "MQL, SQL".
    """
    text = scan.settings.get("qualified_statuses", "")
    meant = {one.strip().lower() for one in text.split(",") if one.strip()}
    for page in _changed(client, scan, "leads", "Lead", LEAD, UTM):
        records = [
            {**record, "has_qualified_status": str(record.get("Status")).strip().lower() in meant}
            for record in page.records
        ]
        yield Page(records if meant else page.records, page.fetched_at)


@changing(key=("opportunity_id",), columns={**OPPORTUNITY, **OWN, "currency": Column()})
def opportunities(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield opportunities that changed in the window, deleted ones too.

    Shape: the currency is null where the org has one only.
    """
    own = {**UTM, "currency": "CurrencyIsoCode"}
    yield from _changed(client, scan, "opportunities", "Opportunity", OPPORTUNITY, own)


@changing(key=("role_id",), columns=OPPORTUNITY_CONTACT)
def opportunity_contacts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield which contact plays a role in which opportunity, as far as it changed."""
    object_ = "OpportunityContactRole"
    yield from _changed(client, scan, "opportunity_contacts", object_, OPPORTUNITY_CONTACT, {})


@changing(key=("member_id",), columns=MEMBER)
def campaign_members(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield which lead belongs to which campaign, as far as it changed."""
    yield from _changed(client, scan, "campaign_members", "CampaignMember", MEMBER, {})


@stream(
    key=("campaign_id",),
    columns=CAMPAIGN,
    mode="replace",
    page_size=2000,
    ignored=frozenset({"attributes"}),
)
def campaigns(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the names of all campaigns."""
    asked = ", ".join(column.path for column in CAMPAIGN.values())
    yield from _query(client, scan, "campaigns", "query", f"SELECT {asked} FROM Campaign")


@stream(
    key=("record_id",),
    columns={
        "record_id": Column(path="id", of=("leads", "opportunities")),
        "object": Column(),
        "deleted_at": Column("TIMESTAMPTZ", "deletedDate"),
    },
    mode="window",
    lookback_days=LOOKBACK_DAYS,
    history_days=TOLD_DAYS.days,
)
def deleted_records(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield ids of leads and opportunities deleted in the window, from the recycle bin too.

    Shape: the platform tells of the last 30 days; a record that changed later was restored.
    """
    where, records = "salesforce.deleted_records", list[Record]()
    reply = client.get(f"{_root(scan)}/limits", where=where)
    start = max(scan.window.start, reply.fetched_at - TOLD_DAYS)
    end = min(scan.window.end + OVERLAP, reply.fetched_at)
    if start >= end:
        return  # the days that are asked for again lie too far back
    for object_ in ("Lead", "Opportunity"):
        span = {"start": _moment(start), "end": _moment(end)}
        reply = client.get(f"{_root(scan)}/sobjects/{object_}/deleted/", span, where=where)
        records += [{**one, "object": object_} for one in listed(reply, "deletedRecords")]
    yield Page(records, reply.fetched_at)


def _changed(
    client: Client,
    scan: Scan,
    name: str,
    object_: str,
    columns: Mapping[str, Column],
    own: Mapping[str, str],
) -> Iterator[Page]:
    """Yield the records of one object that changed in the window.

    Shape: `own` maps our columns to the usual names of fields that an org may lack.
    """
    own = _existing(client, scan, name, object_, own) if own else own
    fields = [*(column.path for column in columns.values()), *own.values()]
    start, end = _moment(scan.window.start), _moment(scan.window.end + OVERLAP)
    query = (
        f"SELECT {', '.join(fields)} FROM {object_}"
        f" WHERE SystemModstamp >= {start} AND SystemModstamp < {end}"
    )
    if _is_large(scan, name):
        pages = _job(client, scan, name, query, fields)
    else:
        pages = _query(client, scan, name, "queryAll", f"{query} ORDER BY SystemModstamp")
    for page in pages:
        yield Page(_renamed(page.records, own), page.fetched_at)


def _query(client: Client, scan: Scan, name: str, resource: str, query: str) -> Iterator[Page]:
    """Follow a query by the links of the platform until one answer has none."""
    where = f"salesforce.{name}"
    seen = Seen(where)
    reply = client.get(f"{_root(scan)}/{resource}", {"q": query}, where=where)
    while True:
        yield Page(listed(reply, "records"), reply.fetched_at)
        following = inner(reply.body, "nextRecordsUrl")
        if following is None:
            return
        reply = client.get(seen.check(str(following)), where=where)


def _is_large(scan: Scan, name: str) -> bool:
    most = scan.settings.get("bulk_after_days", BULK_AFTER_DAYS)
    if not most.isdecimal():
        do = "Write a number of days under salesforce: in sources.yml, such as 31"
        raise FatalError(f"salesforce.{name}", f"bulk_after_days is {most!r}", do)
    return (scan.window.last - scan.window.first).days >= int(most)


def _job(
    client: Client, scan: Scan, name: str, query: str, fields: Sequence[str]
) -> Iterator[Page]:
    """Let the platform run the query, wait for it, and yield what it wrote, in no order.

    An order would keep the platform from splitting the query by ids, as it does with large ones.
    """
    where, root = f"salesforce.{name}", f"{_root(scan)}/jobs/query"
    made = client.post(root, json={**JOB, "query": query}, where=where)
    job = f"{root}/{inner(made.body, 'id')}"
    jobs.awaited(client, where, lambda: _is_complete(client, job, where), "the bulk job")
    yield from jobs.csv_pages(client, f"{job}/results", LOCATED, fields, where)


def _is_complete(client: Client, job: str, where: str) -> bool | None:
    """Return None while the job runs; FatalError when it failed or somebody stopped it."""
    reply = client.get(job, where=where)
    state = inner(reply.body, "state")
    if state in ("UploadComplete", "InProgress", "JobComplete"):
        return True if state == "JobComplete" else None
    reason = re.match(r"\w+", str(inner(reply.body, "errorMessage") or "unexplained"))
    what = f"the bulk job ended as {state} ({reason[0] if reason else '?'})"
    do = "Look at Setup > Bulk Data Load Jobs; a larger bulk_after_days reads by SOQL instead"
    raise FatalError(where, what, do)


def _existing(
    client: Client, scan: Scan, name: str, object_: str, own: Mapping[str, str]
) -> dict[str, str]:
    """Return the fields of `own` that the object has; sources.yml may name others.

    Raises: FatalError when one that sources.yml names is missing.
    """
    where = f"salesforce.{name}"
    reply = client.get(f"{_root(scan)}/sobjects/{object_}/describe", where=where)
    known = {str(one.get("name")).lower(): str(one.get("name")) for one in listed(reply, "fields")}
    found = {}
    for column, usual in own.items():
        given = scan.settings.get(column)
        field = known.get((given or usual).lower())
        if field:
            found[column] = field
        elif given:
            do = f"Correct {column} under salesforce: in sources.yml, or let the user read it"
            raise FatalError(where, f"{object_} has no field {given!r} that we may see", do)
    return found


def _renamed(records: Sequence[Record], own: Mapping[str, str]) -> Sequence[Record]:
    if not own:
        return records
    ours = {field: column for column, field in own.items()}
    return [{ours.get(name, name): value for name, value in one.items()} for one in records]


def _root(scan: Scan) -> str:
    return f"/services/data/v{scan.settings.get('api_version', API_VERSION)}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


SOURCE = Source(
    area="crm",
    title="Salesforce",
    base_url="",
    connect=connect,
    credentials=("client_id", "client_secret"),
    optional_credentials=("refresh_token",),
    settings=("base_url",),
    permissions=RIGHTS,
    access="Create an external client app (or connected app) with the scope api, let it use the"
    " client credentials flow as an integration user, and copy its consumer key and secret."
    " base_url is the org's My Domain, https://NAME.my.salesforce.com.",
)
