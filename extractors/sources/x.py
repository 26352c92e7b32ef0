"""X: the account, and its posts with public and, while they are young, private figures.

Source: API v2; reference read November 2026. Counters are lifetime totals. Link clicks and organic
figures are shown to the account itself for 30 days after the post: asked for no longer, they stay
as they were read last. Reading is paid by the post, so posts older than post_days are not read
again. Quotas end after 15 minutes, an epoch second names when; a month may have a cap, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from extractors.core.auth import Bearer, OAuth
from extractors.core.errors import ExtractError, FatalError
from extractors.core.http import Client, RateSignal, Reply, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

TOKEN_URL = "https://api.x.com/2/oauth2/token"
ME, LOOKUP = "/2/users/me", "/2/tweets"
LISTED = 100
POST_DAYS = 90
PRIVATE_DAYS = 30
CROSSING = timedelta(minutes=5)  # a post that ends its 30 days between two calls is refused
FIELDS = "attachments,author_id,created_at,entities,note_tweet,public_metrics,referenced_tweets"
RIGHTS = {"posts": "tweet.read and users.read", "accounts": "users.read and tweet.read"}
forbidden = naming_rights(RIGHTS, "Authorise the app as the account itself, with {right}")


def connect(account: Account) -> Client:
    """Return a client; with refresh_token and client_id it renews its token of two hours."""
    secrets, auth = account.secrets, Bearer(account.secrets["access_token"], where=account.name)
    renewing: Bearer | OAuth = auth
    if secrets.get("refresh_token") and secrets.get("client_id"):
        form = {name: secrets[name] for name in ("refresh_token", "client_id")}
        secret = secrets.get("client_secret")
        renewing = OAuth(
            account.settings.get("token_url", TOKEN_URL),
            {"grant_type": "refresh_token", **form},
            where=account.name,
            basic=(form["client_id"], secret) if secret else None,
            keep=account.keep,
            token=secrets["access_token"],
        )
    rate = RateSignal(remaining="x-rate-limit-remaining", reset="x-rate-limit-reset")
    return Client(account.base_url, where=account.name, auth=renewing, rate=rate, explain=explain)


def explain(reply: Reply) -> ExtractError | None:
    """Name what no waiting helps against; None leaves the judgement to the status."""
    if reply.status == 429 and inner(reply.body, "title") == "UsageCapExceeded":
        do = "Raise the cap in the developer console, or wait for its next period"
        return FatalError(reply.where, "the cap of posts is used up (429)", do)
    if reply.status == 402:
        do = "Buy credits in the developer console, or lower post_days under x: in sources.yml"
        return FatalError(reply.where, "no credits are left (402)", do)
    return forbidden(reply)


@stream(
    key=("post_id", "read_on"),
    columns={
        "post_id": Column(path="id"),
        "read_on": Column("DATE"),
        "account_id": Column(path="author_id"),
        "published_at": Column("TIMESTAMPTZ", "created_at"),
        "text": Column(),
        "media_type": Column(),
        "impressions": Column("BIGINT", "public_metrics.impression_count"),
        "likes": Column("BIGINT", "public_metrics.like_count"),
        "replies": Column("BIGINT", "public_metrics.reply_count"),
        "reposts": Column("BIGINT", "public_metrics.retweet_count"),
        "quotes": Column("BIGINT", "public_metrics.quote_count"),
        "bookmarks": Column("BIGINT", "public_metrics.bookmark_count"),
        "video_views": Column("BIGINT"),
        "in_private_window": Column("BOOLEAN"),
        "link_clicks": Column("BIGINT", "non_public_metrics.url_link_clicks"),
        "organic_impressions": Column("BIGINT", "organic_metrics.impression_count"),
        "organic_link_clicks": Column("BIGINT", "organic_metrics.url_link_clicks"),
    },
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
    ignored=names("attachments edit_history_tweet_ids entities note_tweet referenced_tweets"),
)
def posts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the posts of the last post_days with their totals so far, newest first.

    Shape: one record per post and UTC day of reading; reposts of others and replies are left out,
    persons mentioned in a text too. in_private_window tells whether private figures were asked for;
    a post without a link has no link clicks. The platform lists the latest 3200 posts at most.
    """
    where = "x.posts"
    seen, me = Seen(where), client.get(ME, where=where)
    since = me.fetched_at - timedelta(days=int(scan.settings.get("post_days", POST_DAYS)))
    asked = {
        "max_results": str(LISTED),
        "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exclude": "retweets,replies",
        "tweet.fields": FIELDS,
        "expansions": "attachments.media_keys",
        "media.fields": "public_metrics,type",
    }
    while True:
        target = f"/2/users/{inner(me.body, 'data', 'id')}/tweets"
        reply = client.get(target, asked, where=where)
        yield Page(_with_private(client, reply), reply.fetched_at)
        following = inner(reply.body, "meta", "next_token")
        if not following:
            return
        asked["pagination_token"] = seen.check(str(following))


@stream(
    key=("account_id", "read_on"),
    columns={
        "account_id": Column(path="id"),
        "read_on": Column("DATE"),
        "followers": Column("BIGINT", "public_metrics.followers_count"),
    },
    mode="snapshot",
    basis="lifetime",
    ignored=names("name username"),
)
def accounts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the account's followers of now, dated by the UTC day; there is no history."""
    reply = client.get(ME, {"user.fields": "public_metrics"}, where="x.accounts")
    data = inner(reply.body, "data")
    account = data if isinstance(data, dict) else {}
    yield Page([{**account, "read_on": reply.fetched_at.date().isoformat()}], reply.fetched_at)


def _with_private(client: Client, reply: Reply) -> list[dict[str, Any]]:
    """Return the posts of one reply; of the young ones with what only the account may see."""
    found = _listed(reply)
    media = _media(reply)
    oldest = reply.fetched_at - timedelta(days=PRIVATE_DAYS) + CROSSING
    young = [str(post.get("id")) for post in found if _is_since(post.get("created_at"), oldest)]
    private = _private(client, reply.where, young)
    shared = {"read_on": reply.fetched_at.date().isoformat()}
    return [
        {
            **post,
            **shared,
            **_kind(post, media),
            **private.get(str(post.get("id")), {}),
            "in_private_window": str(post.get("id")) in young,
            "text": _text(post),
        }
        for post in found
    ]


def _listed(reply: Reply) -> list[Record]:
    """Return the posts of a page; one without any says so, everything else is no empty page."""
    if inner(reply.body, "meta", "result_count") == 0 and inner(reply.body, "data") is None:
        return []
    return listed(reply, "data")


def _private(client: Client, where: str, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return private figures by post; what the platform refuses of them is listed as an error."""
    if not ids:
        return {}
    fields = ("non_public_metrics", "organic_metrics")
    asked = {"ids": ",".join(ids), "tweet.fields": ",".join(fields)}
    reply = client.get(LOOKUP, asked, where=where)
    if inner(reply.body, "data") is None and inner(reply.body, "errors"):
        return {}
    return {
        str(post.get("id")): {name: post.get(name) for name in fields}
        for post in listed(reply, "data")
    }


def _is_since(text: Any, oldest: datetime) -> bool:
    try:
        return datetime.fromisoformat(text) >= oldest
    except (TypeError, ValueError):
        return False


def _media(reply: Reply) -> dict[str, Record]:
    """Return the media beside the posts by their key."""
    found = inner(reply.body, "includes", "media")
    media = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {str(one.get("media_key")): one for one in media}


def _kind(post: Record, media: dict[str, Record]) -> dict[str, Any]:
    keys = inner(post, "attachments", "media_keys")
    own = [media[key] for key in keys if key in media] if isinstance(keys, list) else []
    views = [inner(one, "public_metrics", "view_count") for one in own]
    counted = [count for count in views if isinstance(count, int)]
    kind = own[0].get("type") if own else None
    return {"media_type": kind, "video_views": sum(counted) if counted else None}


def _text(post: Record) -> str | None:
    """Return the whole text with its links as written, which the platform shortens."""
    note = post.get("note_tweet")
    whole = note if inner(note, "text") else post
    text, links = inner(whole, "text"), inner(whole, "entities", "urls")
    if not isinstance(text, str):
        return None
    for link in links if isinstance(links, list) else []:
        short, target = (
            inner(link, "url"),
            inner(link, "unwound_url") or inner(link, "expanded_url"),
        )
        if isinstance(short, str) and isinstance(target, str):
            text = text.replace(short, target)
    return without_persons(text)


SOURCE = Source(
    area="social",
    title="X",
    base_url="https://api.x.com",
    connect=connect,
    credentials=("access_token",),
    optional_credentials=("refresh_token", "client_id", "client_secret"),
    permissions=RIGHTS,
    access="An app in the developer console, authorised by the account itself (OAuth 2.0 with "
    "PKCE and offline.access); the refresh token renews the access token, which ends "
    "after two hours.",
)
