"""LinkedIn pages: posts and their statistics, followers, views of the page.

Source: Community Management API, versioned by month; reference read November 2026. Organic figures
only. Quotas are per day and endpoint, end at 00:00 UTC, and no header tells what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, Reply
from extractors.core.restli import (
    RENEWAL,
    connected,
    day_intervals,
    encoded,
    linked_pages,
    listing,
    retired,
)
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.texts import plain_commentary
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

POSTS = "/rest/posts"
ENTITY = "organizationalEntity"
STATISTICS = "/rest/organizationalEntityShareStatistics"
FOLLOWERS = "/rest/organizationalEntityFollowerStatistics"
VIEWS = "/rest/organizationPageStatistics"
KINDS = {"shares": "urn:li:share:", "ugcPosts": "urn:li:ugcPost:"}
LISTED = 100  # posts a page of the list
DAYS_A_CALL = 90
HISTORY_DAYS = 360  # the platform answers for twelve months
GAINS_LAG_DAYS = 2  # the platform refuses follower days younger than this

RIGHTS = {
    "posts": "r_organization_social",
    "post_statistics": "rw_organization_admin",
    "post_statistics_daily": "rw_organization_admin",
    "follower_gains": "rw_organization_admin",
    "follower_totals": "r_organization_social",
    "page_statistics": "rw_organization_admin",
}
NEEDED = "Grant {right} and make its member an administrator of the page"


def connect(account: Account) -> Client:
    """Return a client; with refresh_token, client_id and client_secret it renews its token."""
    return connected(account, explain)


def explain(reply: Reply) -> ExtractError | None:
    """Name the platform's own reasons; None leaves the judgement to the status."""
    name, message = reply.where.partition(".")[2], str(inner(reply.body, "message"))
    if reply.status == 429 and " DAY " in message:
        do = "Run again after 00:00 UTC"
        return RetriableError(reply.where, "the daily quota is used up (429)", do)
    if reply.status == 400 and name == "post_statistics_daily" and STATISTICS in reply.request:
        what = "the platform refuses days per post (400)"
        do = "Set post_days: off under linkedin: in sources.yml; days then come from nightly totals"
        return FatalError(reply.where, what, do)
    return retired(reply) or naming_rights(RIGHTS, NEEDED)(reply)


@stream(
    key=("post_id",),
    columns={
        "post_id": Column(path="id"),
        "author": Column(),
        "commentary": Column(),
        "published_ms": Column("BIGINT", "publishedAt"),
        "lifecycle_state": Column(path="lifecycleState"),
        "content_kind": Column(),
        "media_id": Column(path="content.media.id"),
        "article_url": Column(path="content.article.source"),
        "landing_page_url": Column(path="contentLandingPage"),
    },
    mode="snapshot",
    page_size=LISTED,
    ignored=names(
        "adContext contentCallToActionLabel createdAt distribution"
        " isReshareDisabledByAuthor lastModifiedAt lifecycleStateInfo reshareContext"
        " visibility"
    ),
)
def posts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every post of the page, newest change first.

    Shape: one record per post; persons mentioned in its text are left out, links stay.
    """
    for urn in _pages_of(scan):
        for reply, elements in _listing(client, "linkedin.posts", urn):
            yield Page([_post(element) for element in elements], reply.fetched_at)


COUNTS = {
    "impressions": Column("BIGINT", "totalShareStatistics.impressionCount"),
    "unique_impressions": Column("BIGINT", "totalShareStatistics.uniqueImpressionsCount"),
    "clicks": Column("BIGINT", "totalShareStatistics.clickCount"),
    "likes": Column("BIGINT", "totalShareStatistics.likeCount"),
    "comments": Column("BIGINT", "totalShareStatistics.commentCount"),
    "shares": Column("BIGINT", "totalShareStatistics.shareCount"),
}


@stream(
    key=("post_id", "read_on"),
    columns={
        "post_id": Column(),
        "read_on": Column("DATE"),
        "account": Column(path="organizationalEntity"),
        **COUNTS,
    },
    mode="snapshot",
    basis="lifetime",
    page_size=50,
    ignored=frozenset({"share", "ugcPost"}),
)
def post_statistics(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the running totals of every post, dated by the UTC day on which they were read.

    Shape: posts without any activity are left out by the platform, so they have no record.
    Units: totals so far; unique_impressions are not additive.
    """
    where = "linkedin.post_statistics"
    for urn in _pages_of(scan):
        for _reply, elements in _listing(client, where, urn):
            for query in _batches(elements, post_statistics.page_size):
                reply = client.get(STATISTICS, f"{_finder(urn)}&{query}", where=where)
                read_on = reply.fetched_at.date().isoformat()
                records = [{**_named(e), "read_on": read_on} for e in listed(reply, "elements")]
                yield Page(records, reply.fetched_at)


@stream(
    key=("post_id", "day_start_ms"),
    columns={
        "post_id": Column(),
        "day_start_ms": Column("BIGINT", "timeRange.start"),
        "account": Column(path="organizationalEntity"),
        **COUNTS,
    },
    mode="window",
    basis="daily",
    lookback_days=7,
    history_days=HISTORY_DAYS,
    page_size=50,
    ignored=frozenset({"share", "ugcPost"}),
)
def post_statistics_daily(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the counts of every post and whole UTC day of the window.

    Shape: days without activity may be missing. `post_days: off` in sources.yml asks for nothing.
    Units: counts of that day alone; likes may be negative.
    """
    where = "linkedin.post_statistics_daily"
    if scan.settings.get("post_days", "on").lower() in ("off", "no", "false"):
        return
    for urn in _pages_of(scan):
        for first, elements in _listing(client, where, urn):
            for interval in _intervals(scan, first.fetched_at, lag_days=0):
                for query in _batches(elements, post_statistics_daily.page_size):
                    asked = f"{_finder(urn)}&{query}&{interval}"
                    reply = client.get(STATISTICS, asked, where=where)
                    records = [_named(element) for element in listed(reply, "elements")]
                    yield Page(records, reply.fetched_at)


@stream(
    key=("account", "day_start_ms"),
    columns={
        "account": Column(path="organizationalEntity"),
        "day_start_ms": Column("BIGINT", "timeRange.start"),
        "organic_gain": Column("BIGINT", "followerGains.organicFollowerGain"),
        "paid_gain": Column("BIGINT", "followerGains.paidFollowerGain"),
    },
    mode="window",
    basis="daily",
    lookback_days=7,
    history_days=HISTORY_DAYS,
)
def follower_gains(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield new less lost followers of each UTC day, two days late as the platform has them."""
    yield from _by_day(client, scan, "follower_gains", FOLLOWERS, GAINS_LAG_DAYS)


@stream(
    key=("account", "read_on"),
    columns={
        "account": Column(),
        "read_on": Column("DATE"),
        "followers": Column("BIGINT", "firstDegreeSize"),
    },
    mode="snapshot",
    basis="lifetime",
)
def follower_totals(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the follower total of now, dated by the UTC day of reading; there is no history."""
    for urn in _pages_of(scan):
        reply = _followers(client, urn, "linkedin.follower_totals")
        read_on = reply.fetched_at.date().isoformat()
        body = reply.body if isinstance(reply.body, dict) else {}
        yield Page([{**body, "account": urn, "read_on": read_on}], reply.fetched_at)


def _views(name: str) -> Column:
    return Column("BIGINT", f"totalPageStatistics.views.{name}.pageViews")


@stream(
    key=("account", "day_start_ms"),
    columns={
        "account": Column(path="organization"),
        "day_start_ms": Column("BIGINT", "timeRange.start"),
        "views": _views("allPageViews"),
        "unique_views": Column("BIGINT", "totalPageStatistics.views.allPageViews.uniquePageViews"),
        "overview_views": _views("overviewPageViews"),
        "about_views": _views("aboutPageViews"),
        "careers_views": _views("careersPageViews"),
        "jobs_views": _views("jobsPageViews"),
        "life_at_views": _views("lifeAtPageViews"),
    },
    mode="window",
    basis="daily",
    lookback_days=7,
    history_days=HISTORY_DAYS,
)
def page_statistics(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield how often the page and its parts were opened on each whole UTC day of the window.

    Shape: counts alone; who looked (industry, seniority, country ...) is never asked for.
    Units: views of that day; unique_views are not additive.
    """
    yield from _by_day(client, scan, "page_statistics", VIEWS, 0, "organization")


def _pages_of(scan: Scan) -> list[str]:
    """Return the URNs of the configured pages; ids and URNs may be written."""
    written = (name.strip() for name in scan.settings["organization"].split(","))
    return [n if n.startswith("urn:") else f"urn:li:organization:{n}" for n in written if n]


def _listing(client: Client, where: str, urn: str) -> Iterator[tuple[Reply, list[Record]]]:
    query = f"q=author&author={encoded(urn)}&count={LISTED}&start=0&sortBy=LAST_MODIFIED"
    for reply in linked_pages(client, POSTS, query, where=where):
        yield reply, listed(reply, "elements")


def _followers(client: Client, urn: str, where: str) -> Reply:
    path = f"/rest/networkSizes/{encoded(urn)}"
    return client.get(path, "edgeType=COMPANY_FOLLOWED_BY_MEMBER", where=where)


def _finder(urn: str, name: str = ENTITY) -> str:
    return f"q={name}&{name}={encoded(urn)}"


def _by_day(
    client: Client, scan: Scan, name: str, path: str, lag_days: int, finder: str = ENTITY
) -> Iterator[Page]:
    """Ask for days of the page itself; the platform's own clock says which ones it has."""
    where = f"linkedin.{name}"
    for urn in _pages_of(scan):
        now = _followers(client, urn, where).fetched_at
        for interval in _intervals(scan, now, lag_days):
            reply = client.get(path, f"{_finder(urn, finder)}&{interval}", where=where)
            yield Page(listed(reply, "elements"), reply.fetched_at)


def _batches(elements: list[Record], size: int) -> Iterator[str]:
    """Encode published posts as lists of at most `size`, each kind of URN in its own list."""
    published = (str(e.get("id")) for e in elements if e.get("lifecycleState") == "PUBLISHED")
    urns = [urn for urn in published if urn.startswith(tuple(KINDS.values()))]
    for first in range(0, len(urns), size):
        batch = urns[first : first + size]
        chosen = {n: [u for u in batch if u.startswith(kind)] for n, kind in KINDS.items()}
        yield "&".join(listing(name, values) for name, values in chosen.items() if values)


def _intervals(scan: Scan, now: datetime, lag_days: int) -> Iterator[str]:
    """Encode the part of the window that the platform has, in whole UTC days."""
    today = now.astimezone(UTC).date()
    first = max(scan.window.first, today - timedelta(days=HISTORY_DAYS))
    end = min(scan.window.last + timedelta(days=1), today - timedelta(days=lag_days))
    return day_intervals(first, end, DAYS_A_CALL)


def _post(element: Record) -> dict[str, Any]:
    content = element.get("content")
    kinds = sorted(content) if isinstance(content, dict) else []
    text = element.get("commentary")
    if isinstance(text, str):
        text = plain_commentary(text)
    return {**element, "commentary": text, "content_kind": kinds[0] if kinds else None}


def _named(element: Record) -> dict[str, Any]:
    """Give the element one post id: the platform names it by the kind of post."""
    return {**element, "post_id": element.get("share") or element.get("ugcPost")}


SOURCE = Source(
    area="social",
    title="LinkedIn pages",
    base_url="https://api.linkedin.com",
    connect=connect,
    credentials=("access_token",),
    optional_credentials=RENEWAL,
    settings=("organization",),
    permissions=RIGHTS,
    access="Apply for the Community Management API, then let an administrator of the page "
    "authorise the app; tokens end after 60 days, refresh tokens after a year.",
)
