"""LinkedIn ads: accounts, groups, campaigns, creatives, daily figures of creatives, form leads.

Source: Marketing API, versioned by month; reference read November 2026. Days are UTC; conversions
come back to the day of the click for 30 days. Figures have no pages: an answer ends at 15,000 rows
without a word. Of a lead sent by form, no answer and no person is asked for; it lives for 90 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from extractors.core.errors import ExtractError, FatalError
from extractors.core.http import Client, Reply, Seen
from extractors.core.restli import RENEWAL, connected, date_range, encoded, listing, retired
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

ACCOUNTS, DAYS, LEADS = "/rest/adAccounts", "/rest/adAnalytics", "/rest/leadFormResponses"
LISTED = 100
DAYS_A_CALL = 30
MOST_ROWS = 15_000
LEAD_DAYS = 90
FIGURES = (
    "pivotValues,dateRange,impressions,clicks,landingPageClicks,costInLocalCurrency,oneClickLeads"
    ",externalWebsiteConversions"
)
LEAD_FIELDS = "id,owner,submittedAt,testLead,associatedEntity,leadMetadata,versionedLeadGenFormUrn"
# Without a list of states, the platform leaves out what is archived and had cost money.
STATES = "ACTIVE,ARCHIVED,CANCELED,COMPLETED,DRAFT,PAUSED,PENDING_DELETION,REMOVED"
GROUP_STATES = "ACTIVE,ARCHIVED,CANCELED,DRAFT,PAUSED,PENDING_DELETION,REMOVED"
RIGHTS = dict.fromkeys(("accounts", "campaign_groups", "campaigns", "creatives"), "r_ads") | {
    "ad_days": "r_ads_reporting",
    "lead_responses": "r_marketing_leadgen_automation",
}
forbidden = naming_rights(RIGHTS, "Grant {right} and give its member a role in the ad account")


def connect(account: Account) -> Client:
    """Return a client; creatives want it said that a call is a finder, and every call here is."""
    return connected(account, explain, **{"X-RestLi-Method": "FINDER"})


def explain(reply: Reply) -> ExtractError | None:
    """Name the platform's own reasons; None leaves the judgement to the status."""
    return retired(reply) or forbidden(reply)


@stream(
    key=("account_id",),
    columns={
        "account_id": Column(path="id"),
        "currency": Column(),
    },
    mode="replace",
    page_size=LISTED,
    ignored=names(
        "changeAuditStamps name notifiedOnCampaignOptimization notifiedOnCreativeApproval"
        " notifiedOnCreativeRejection notifiedOnEndOfCampaign notifiedOnNewFeaturesEnabled"
        " reference status servingStatuses test totalBudget totalBudgetEnds type version"
    ),
)
def accounts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ad accounts that the token may read, closed ones too."""
    yield from _pages(client, "linkedin_ads.accounts", ACCOUNTS, "q=search")


@stream(
    key=("campaign_group_id",),
    columns={
        "campaign_group_id": Column(path="id"),
        "name": Column(),
    },
    mode="replace",
    page_size=LISTED,
    ignored=names(
        "account allowedCampaignTypes backfilled budgetOptimization changeAuditStamps dailyBudget"
        " objectiveType runSchedule servingStatuses status test totalBudget"
    ),
)
def campaign_groups(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the campaign groups of every account, archived and removed ones too."""
    query = f"q=search&search=(status:(values:List({GROUP_STATES})))"
    yield from _of_accounts(client, scan, "campaign_groups", "adCampaignGroups", query)


@stream(
    key=("campaign_id",),
    columns={
        "campaign_id": Column(path="id"),
        "campaign_group": Column(path="campaignGroup"),
        "name": Column(),
    },
    mode="replace",
    page_size=LISTED,
    ignored=names(
        "account associatedEntity audienceExpansionEnabled changeAuditStamps"
        " connectedTelevisionOnly costType creativeSelection dailyBudget format locale"
        " objectiveType offsiteDeliveryEnabled offsitePreferences optimizationTargetType"
        " pacingStrategy politicalIntent runSchedule servingStatuses status"
        " storyDeliveryEnabled targetingCriteria test totalBudget type unitCost version"
    ),
)
def campaigns(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the campaigns of every account, archived and removed ones too."""
    query = f"q=search&search=(status:(values:List({STATES})))"
    yield from _of_accounts(client, scan, "campaigns", "adCampaigns", query)


@stream(
    key=("creative",),
    columns={
        "creative": Column(path="id"),
        "campaign": Column(),
        "post": Column(path="content.reference"),
    },
    mode="replace",
    page_size=LISTED,
    ignored=names(
        "account createdAt createdBy inlineContent intendedStatus isServing isTest"
        " lastModifiedAt lastModifiedBy leadgenCallToAction name review servingHoldReasons"
    ),
)
def creatives(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the creatives of every account with the post that each one shows."""
    yield from _of_accounts(client, scan, "creatives", "creatives", "q=criteria")


@stream(
    key=("creative", "day"),
    columns={
        "creative": Column(),
        "day": Column("DATE"),
        "account_id": Column(),
        "impressions": Column("BIGINT"),
        "clicks": Column("BIGINT"),
        "landing_page_clicks": Column("BIGINT", "landingPageClicks"),
        "spend": Column("DECIMAL(18,4)", "costInLocalCurrency"),
        "leads": Column("BIGINT", "oneClickLeads"),
        "conversions": Column("BIGINT", "externalWebsiteConversions"),
    },
    mode="window",
    basis="daily",
    lookback_days=30,
    ignored=frozenset({"pivotValues", "dateRange"}),
)
def ad_days(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the figures of every creative and UTC day of the window.

    Shape: days without activity are missing. Units: spend in the account's currency.
    """
    where = "linkedin_ads.ad_days"
    for number, today in _accounts(client, scan, where):
        first, last = scan.window.first, min(scan.window.last, today)
        while first <= last:
            until = min(first + timedelta(days=DAYS_A_CALL - 1), last)
            for reply, elements in _whole(client, where, number, first, until):
                yield Page([_figures(element, number) for element in elements], reply.fetched_at)
            first = until + timedelta(days=1)


@stream(
    key=("lead_id",),
    columns={
        "lead_id": Column(path="id"),
        "account": Column(path="owner.sponsoredAccount"),
        "creative": Column(path="associatedEntity.associatedCreative"),
        "campaign": Column(path="leadMetadata.sponsoredLeadMetadata.campaign"),
        "form": Column(path="versionedLeadGenFormUrn"),
        "is_test": Column("BOOLEAN", "testLead"),
        "submitted_ms": Column("BIGINT", "submittedAt"),
    },
    mode="window",
    lookback_days=7,
    history_days=LEAD_DAYS,
    page_size=LISTED,
    ignored=names("associatedEntityInfo formResponse leadType submitter"),
)
def lead_responses(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield when and from which ad a form was sent in, never what stands in it nor by whom.

    Shape: the platform deletes leads after 90 days. `leads: off` in sources.yml asks for nothing.
    """
    where = "linkedin_ads.lead_responses"
    if scan.settings.get("leads", "on").lower() in ("off", "no", "false"):
        return
    start, end = (int(one.timestamp()) * 1000 for one in (scan.window.start, scan.window.end))
    for number, _today in _accounts(client, scan, where):
        urn = encoded(f"urn:li:sponsoredAccount:{number}")
        query = (
            f"q=owner&owner=(sponsoredAccount:{urn})&leadType=(leadType:SPONSORED)"
            f"&limitedToTestLeads=false&submittedAtTimeRange=(start:{start},end:{end})"
            f"&fields={LEAD_FIELDS}&count={LISTED}"
        )
        yield from _by_offset(client, where, query)


def _accounts(client: Client, scan: Scan, where: str) -> Iterator[tuple[str, date]]:
    """Yield the accounts' numbers, each with the platform's day; `account` may name some."""
    chosen = {one.strip() for one in scan.settings.get("account", "").split(",") if one.strip()}
    for page in _pages(client, where, ACCOUNTS, "q=search"):
        for record in page.records:
            number = str(record.get("id"))
            if not chosen or number in chosen:
                yield number, page.fetched_at.astimezone(UTC).date()


def _of_accounts(
    client: Client, scan: Scan, name: str, collection: str, query: str
) -> Iterator[Page]:
    """Yield a collection of every account."""
    where = f"linkedin_ads.{name}"
    for number, _today in _accounts(client, scan, where):
        yield from _pages(client, where, f"{ACCOUNTS}/{number}/{collection}", query)


def _pages(client: Client, where: str, target: str, query: str) -> Iterator[Page]:
    """Follow a collection by its page tokens; the last page has none."""
    seen, asked = Seen(where), f"{query}&pageSize={LISTED}"
    while True:
        reply = client.get(target, asked, where=where)
        yield Page(listed(reply, "elements"), reply.fetched_at)
        token = inner(reply.body, "metadata", "nextPageToken")
        if not token:
            return
        asked = f"{query}&pageSize={LISTED}&pageToken={encoded(seen.check(str(token)))}"


def _by_offset(client: Client, where: str, query: str) -> Iterator[Page]:
    """Follow a list by offset; past its end the platform says a total of 0."""
    start = 0
    while True:
        reply = client.get(LEADS, f"{query}&start={start}", where=where)
        elements = listed(reply, "elements")
        yield Page(elements, reply.fetched_at)
        start += len(elements)
        if len(elements) < LISTED or start == inner(reply.body, "paging", "total"):
            return


def _whole(
    client: Client, where: str, account: str, first: date, last: date
) -> Iterator[tuple[Reply, list[Record]]]:
    """Yield the answers for days; one that may be cut off is asked for again in halves."""
    facet = listing("accounts", [f"urn:li:sponsoredAccount:{account}"])
    query = f"q=analytics&pivot=CREATIVE&timeGranularity=DAILY&{date_range(first, last)}"
    reply = client.get(DAYS, f"{query}&{facet}&fields={FIGURES}", where=where)
    elements = listed(reply, "elements")
    if len(elements) < MOST_ROWS:
        yield reply, elements
        return
    if first == last:
        do = "Name fewer accounts under linkedin_ads: in sources.yml, or split this one"
        raise FatalError(where, f"{first} has {MOST_ROWS} creatives or more, some were cut off", do)
    middle = first + (last - first) // 2
    yield from _whole(client, where, account, first, middle)
    yield from _whole(client, where, account, middle + timedelta(days=1), last)


def _figures(element: Record, account: str) -> dict[str, Any]:
    """Add the creative and the day, which stand in a list and in three numbers."""
    pivots, start = element.get("pivotValues"), inner(element, "dateRange", "start")
    named = {"creative": pivots[0]} if isinstance(pivots, list) and pivots else {}
    parts = [inner(start, part) for part in ("year", "month", "day")]
    if all(isinstance(part, int) for part in parts):
        named["day"] = "{:04}-{:02}-{:02}".format(*parts)
    return {**element, **named, "account_id": account}


SOURCE = Source(
    area="ads",
    title="LinkedIn ads",
    base_url="https://api.linkedin.com",
    connect=connect,
    credentials=("access_token",),
    optional_credentials=RENEWAL,
    permissions=RIGHTS,
    access="Apply for the Advertising API (and Lead Sync for forms), then let a user with a role "
    "on the ad account authorise the app; tokens end after 60 days, refresh tokens after "
    "a year.",
)
