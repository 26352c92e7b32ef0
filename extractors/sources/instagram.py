"""Instagram: media of a professional account and stories while they live, each with its totals.

Source: Instagram Graph API v26.0 (Facebook login); reference read November 2026. Insights are
lifetime totals without what was paid for, up to 48 hours late and kept for two years; each metric
is allowed for some kinds of media only, and one that is not fails the whole call. views is what
replaced impressions and plays on 21 April 2025 and counts replays too: it is never called
impressions. A story is listed and measured for 24 hours: read every six hours, or its last hours
are lost. Nobody is told how often the link of a caption or a story was clicked: clicks are unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from extractors.core import graph
from extractors.core.http import Client, Reply
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

LISTED = 100
POST_DAYS = 90
FIELDS = "id,caption,media_type,media_product_type,permalink,timestamp"
METRICS = {
    "FEED": "views,reach,likes,comments,saved,shares",
    "REELS": "views,reach,likes,comments,saved,shares",
    "STORY": "views,reach,replies,shares",
}
TOO_OLD = 2108006  # subcode: published before the account was a professional one
FEW_VIEWERS = 10  # code: fewer than five people saw the story
READ = "instagram_basic, instagram_manage_insights and pages_read_engagement"
RIGHTS = {"media": READ, "stories": READ, "accounts": "instagram_basic and pages_read_engagement"}
NEEDED = "Give {right} to the system user, and the Instagram account to it as an asset"

OF_MEDIA = {
    "media_id": Column(path="id"),
    "read_on": Column("DATE"),
    "account_id": Column(),
    "published_at": Column("TIMESTAMPTZ", "timestamp"),
    "caption": Column(),
    "media_type": Column(),
    "product_type": Column(path="media_product_type"),
    "permalink": Column(),
    "views": Column("BIGINT"),
    "reach": Column("BIGINT"),
}


def connect(account: Account) -> Client:
    """Return a client; the token is a system user's, which does not end by date."""
    return graph.client(account, RIGHTS, NEEDED)


@stream(
    key=("media_id", "read_on"),
    columns={
        **OF_MEDIA,
        "likes": Column("BIGINT"),
        "comments": Column("BIGINT"),
        "saved": Column("BIGINT"),
        "shares": Column("BIGINT"),
    },
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
)
def media(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the posts, albums and reels of the last post_days with their totals so far.

    Shape: one record per medium and UTC day of reading, newest first; persons mentioned in a
    caption are left out. Metrics that the platform does not tell are null: of everything from
    before the account was a professional one, and of kinds that have come since.
    """
    where = "instagram.media"
    since = scan.window.end - timedelta(days=int(scan.settings.get("post_days", POST_DAYS)))
    asked = {"fields": FIELDS, "limit": str(LISTED), "since": str(int(since.timestamp()))}
    for account in _accounts(scan):
        for reply in graph.pages(client, f"/{account}/media", asked, where):
            yield _measured(client, reply, account)


@stream(
    key=("media_id", "read_on"),
    columns={**OF_MEDIA, "replies": Column("BIGINT"), "shares": Column("BIGINT")},
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
    lives_hours=24,
)
def stories(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the stories that live now with their totals so far.

    Shape: one record per story and UTC day of reading; what fewer than five people saw has null
    metrics. Units: replies are messages to the company, and 0 in some countries.
    """
    where = "instagram.stories"
    for account in _accounts(scan):
        asked = {"fields": FIELDS, "limit": str(LISTED)}
        for reply in graph.pages(client, f"/{account}/stories", asked, where):
            yield _measured(client, reply, account)


@stream(
    key=("account_id", "read_on"),
    columns={
        "account_id": Column(path="id"),
        "read_on": Column("DATE"),
        "followers": Column("BIGINT", "followers_count"),
    },
    mode="snapshot",
    basis="lifetime",
)
def accounts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the followers of now, dated by the UTC day of reading; there is no history."""
    for account in _accounts(scan):
        asked = {"fields": "id,followers_count"}
        reply = client.get(f"/{account}", asked, where="instagram.accounts")
        body = reply.body if isinstance(reply.body, dict) else {}
        record = {**body, "read_on": reply.fetched_at.date().isoformat()}
        yield Page([record], reply.fetched_at)


def _accounts(scan: Scan) -> list[str]:
    """Return the ids of the configured accounts."""
    return [part.strip() for part in scan.settings["account"].split(",") if part.strip()]


def _measured(client: Client, reply: Reply, account: str) -> Page:
    """Return the media of one reply with their metrics, which cost a call each."""
    shared = {"account_id": account, "read_on": reply.fetched_at.date().isoformat()}
    records = [
        {**medium, "caption": _caption(medium), **shared, **_figures(client, medium, reply.where)}
        for medium in graph.data(reply)
    ]
    return Page(records, reply.fetched_at)


def _figures(client: Client, medium: Record, where: str) -> Mapping[str, Any]:
    """Return the metrics of a medium by name; none where the platform has none of it."""
    metrics = METRICS.get(str(medium.get("media_product_type")))
    if metrics is None:
        return {}
    path, asked = f"{graph.node(medium, where)}/insights", {"metric": metrics}
    try:
        found = graph.figures(client.get(path, asked, where=where))
    except graph.RefusedError as error:
        if error.code != FEW_VIEWERS and error.subcode != TOO_OLD:
            raise
        return {}
    return {name: value for name, value in found.items() if name in metrics.split(",")}


def _caption(medium: Record) -> str | None:
    text = medium.get("caption")
    return without_persons(text) if isinstance(text, str) else None


SOURCE = Source(
    area="social",
    title="Instagram",
    base_url=graph.BASE_URL,
    connect=connect,
    credentials=("access_token",),
    optional_credentials=("app_secret",),
    settings=("account",),
    permissions=RIGHTS,
    access=(
        "In Meta's business settings make a system user, give it the Instagram account and the page"
        " behind it, and generate a token for your app with the rights named below. `account` is"
        " its id: GET /me/accounts?fields=instagram_business_account shows it."
    ),
)
