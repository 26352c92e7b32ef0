"""LinkedIn pages: posts, their statistics (lifetime and by day), followers (gains and totals).

Source: Community Management API, versioned by month; reference read November 2026. Organic figures
only. Quotas are per day and endpoint, end at 00:00 UTC, and no header tells what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from extractors.core.auth import Bearer, OAuth
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, Reply, Seen
from extractors.core.restli import day_intervals, encoded, listing
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

API_VERSION = "202609"
TOKEN_URL = "https://www.linkedin.com/oauth/v2/accessToken"
POSTS = "/rest/posts"
STATISTICS = "/rest/organizationalEntityShareStatistics"
KINDS = {"shares": "urn:li:share:", "ugcPosts": "urn:li:ugcPost:"}
LISTED = 100  # posts a page of the list
DAYS_A_CALL = 90
HISTORY_DAYS = 360  # the platform answers for twelve months
RENEWAL = ("refresh_token", "client_id", "client_secret")
GAINS_LAG_DAYS = 2  # the platform refuses follower days younger than this
# The text format of posts: mentions, hashtags and escaped characters.
PERSON = re.compile(r"@\[[^\]]*\]\(urn:li:(?:person|member):[^)]*\)")
HASHTAG = re.compile(r"\{hashtag\|\\?#\|([^}]*)\}")
ESCAPED = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")

RIGHTS = {
    "posts": "r_organization_social",
    "post_statistics": "rw_organization_admin",
    "post_statistics_daily": "rw_organization_admin",
    "follower_gains": "rw_organization_admin",
    "follower_totals": "r_organization_social",
}
NEEDED = "Grant {right} and make its member an administrator of the page"


def connect(account: Account) -> Client:
    """Return a client; with refresh_token, client_id and client_secret it renews its token."""
    version = account.settings.get("api_version", API_VERSION)
    renewal = {name: account.secrets.get(name, "") for name in RENEWAL}
    token = account.secrets["access_token"]
    auth: Bearer | OAuth = Bearer(token, where=account.name)
    if all(renewal.values()):
        form = {"grant_type": "refresh_token", **renewal}
        address = account.settings.get("token_url", TOKEN_URL)
        auth = OAuth(address, form, where=account.name, keep=account.keep, token=token)
    headers = {"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"}
    return Client(account.base_url, where=account.name, auth=auth, headers=headers, explain=explain)


def explain(reply: Reply) -> ExtractError | None:
    """Name the platform's own reasons; None leaves the judgement to the status."""
    name, message = reply.where.partition(".")[2], str(inner(reply.body, "message"))
    if reply.status == 426:
        do = "Set api_version under linkedin: in sources.yml to a month of the last year (YYYYMM)"
        return FatalError(reply.where, "the API version is no longer active (426)", do)
    if reply.status == 429 and " DAY " in message:
        do = "Run again after 00:00 UTC"
        return RetriableError(reply.where, "the daily quota is used up (429)", do)
    if reply.status == 400 and name == "post_statistics_daily" and STATISTICS in reply.request:
        what = "the platform refuses days per post (400)"
        do = "Set post_days: off under linkedin: in sources.yml; days then come from nightly totals"
        return FatalError(reply.where, what, do)
    return naming_rights(RIGHTS, NEEDED)(reply)


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
    where = "linkedin.follower_gains"
    for urn in _pages_of(scan):
        now = _followers(client, urn, where).fetched_at
        for interval in _intervals(scan, now, GAINS_LAG_DAYS):
            query = f"{_finder(urn)}&{interval}"
            reply = client.get("/rest/organizationalEntityFollowerStatistics", query, where=where)
            yield Page(listed(reply, "elements"), reply.fetched_at)


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


def _pages_of(scan: Scan) -> list[str]:
    """Return the URNs of the configured pages; ids and URNs may be written."""
    written = (name.strip() for name in scan.settings["organization"].split(","))
    return [n if n.startswith("urn:") else f"urn:li:organization:{n}" for n in written if n]


def _listing(client: Client, where: str, urn: str) -> Iterator[tuple[Reply, list[Record]]]:
    """Follow the list to its end; a next link is relative to the host, base_url may have a path."""
    seen, target = Seen(where), POSTS
    start = f"q=author&author={encoded(urn)}&count={LISTED}&start=0&sortBy=LAST_MODIFIED"
    query: str | None = start
    while True:
        reply = client.get(target, query, where=where)
        yield reply, listed(reply, "elements")
        links = inner(reply.body, "paging", "links") or []
        found = [str(inner(link, "href")) for link in links if inner(link, "rel") == "next"]
        if not found:
            return
        link = seen.check(found[0])
        target, query = (link, None) if urlsplit(link).netloc else (POSTS, urlsplit(link).query)


def _followers(client: Client, urn: str, where: str) -> Reply:
    path = f"/rest/networkSizes/{encoded(urn)}"
    return client.get(path, "edgeType=COMPANY_FOLLOWED_BY_MEMBER", where=where)


def _finder(urn: str) -> str:
    return f"q=organizationalEntity&organizationalEntity={encoded(urn)}"


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
        text = ESCAPED.sub(r"\1", HASHTAG.sub(r"#\1", PERSON.sub("@person", text)))
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
