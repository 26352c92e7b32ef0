"""Bluesky: the profile, and its posts with likes, replies, reposts and quotes as they stand now.

Source: AT protocol, XRPC of the account's host; reference read November 2026. Counters are lifetime
totals and all optional; nobody counts impressions. A session lasts about two hours and its end is
said with status 400; 300 sessions a day, 3000 calls in five minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from requests import PreparedRequest

from extractors.core.auth import Bearer
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, RateSignal, Reply, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

SESSION = "/xrpc/com.atproto.server.createSession"
FEED = "/xrpc/app.bsky.feed.getAuthorFeed"
PROFILE = "/xrpc/app.bsky.actor.getProfile"
LISTED = 100
FACET = "app.bsky.richtext.facet#"
RIGHTS = {"posts": "reading app.bsky.feed", "profiles": "reading app.bsky.actor"}
forbidden = naming_rights(RIGHTS, "Make a new app password of the account, which permits {right}")


class Session:
    """Signs requests with the token of a session, which is opened when it is first needed."""

    def __init__(self, account: Account) -> None:
        self._where = account.name
        self._form = {
            "identifier": account.settings["handle"],
            "password": account.secrets["app_password"],
        }
        self._client = Client(account.base_url, where=account.name, explain=self._explain)
        self._bearer: Bearer | None = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the session's token to a request that is about to be sent."""
        if self._bearer is None:
            self.refresh()
        assert self._bearer is not None
        return self._bearer(request)

    def refresh(self) -> None:
        """Open a new session now."""
        token = inner(self._client.post(SESSION, json=self._form).body, "accessJwt")
        if not isinstance(token, str):
            do = "Compare base_url with the host of the account"
            raise FatalError(self._where, "the session has no accessJwt", do)
        self._bearer = Bearer(token, where=self._where)

    def explain(self, reply: Reply) -> ExtractError | None:
        """Let a call whose session has ended be sent again in a new one."""
        if reply.status == 400 and inner(reply.body, "error") == "ExpiredToken":
            self._bearer = None
            return RetriableError(reply.where, "the session ended (400)", "Run again")
        return forbidden(reply)

    def _explain(self, reply: Reply) -> ExtractError | None:
        if reply.status not in (400, 401, 403):
            return None
        do = "Set handle in sources.yml, and make a new app password; nothing was loaded"
        return FatalError(self._where, f"no session: it was refused ({reply.status})", do)


def connect(account: Account) -> Client:
    """Return a client that opens its own session."""
    session = Session(account)
    return Client(
        account.base_url,
        where=account.name,
        auth=session,
        rate=RateSignal(remaining="ratelimit-remaining", reset="ratelimit-reset"),
        explain=session.explain,
    )


@stream(
    key=("post_id", "read_on"),
    columns={
        "post_id": Column(path="uri"),
        "read_on": Column("DATE"),
        "account_id": Column(path="author.did"),
        "created_at": Column("TIMESTAMPTZ", "record.createdAt"),
        "indexed_at": Column("TIMESTAMPTZ", "indexedAt"),
        "text": Column(),
        "link_url": Column(),
        "embed_type": Column(path="embed.$type"),
        "likes": Column("BIGINT", "likeCount"),
        "replies": Column("BIGINT", "replyCount"),
        "reposts": Column("BIGINT", "repostCount"),
        "quotes": Column("BIGINT", "quoteCount"),
        "bookmarks": Column("BIGINT", "bookmarkCount"),
    },
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
    ignored=names("cid debug feedContext labels reason reply reqId threadgate viewer"),
)
def posts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every post of the account with its totals so far, newest first.

    Shape: one record per post and UTC day of reading; reposts of others and answers to others are
    left out, persons mentioned in a text too. Pages may be short or empty before the end.
    """
    where = "bluesky.posts"
    seen = Seen(where)
    asked = {
        "actor": scan.settings["handle"],
        "limit": str(LISTED),
        "filter": "posts_and_author_threads",
        "includePins": "false",
    }
    while True:
        reply = client.get(FEED, asked, where=where)
        read_on = reply.fetched_at.date().isoformat()
        own = [item for item in listed(reply, "feed") if not item.get("reason")]
        yield Page([_post(item, read_on) for item in own], reply.fetched_at)
        cursor = inner(reply.body, "cursor")
        if not cursor:
            return
        asked["cursor"] = seen.check(str(cursor))


@stream(
    key=("account_id", "read_on"),
    columns={
        "account_id": Column(path="did"),
        "read_on": Column("DATE"),
        "followers": Column("BIGINT", "followersCount"),
    },
    mode="snapshot",
    basis="lifetime",
    ignored=names(
        "associated avatar banner createdAt debug description displayName followsCount handle"
        " indexedAt joinedViaStarterPack labels pinnedPost postsCount pronouns status verification"
        " viewer website"
    ),
)
def profiles(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the account's followers of now, dated by the UTC day; there is no history."""
    asked = {"actor": scan.settings["handle"]}
    reply = client.get(PROFILE, asked, where="bluesky.profiles")
    body = reply.body if isinstance(reply.body, dict) else {}
    yield Page([{**body, "read_on": reply.fetched_at.date().isoformat()}], reply.fetched_at)


def _post(item: Record, read_on: str) -> dict[str, Any]:
    """Lift the post out of its place in the feed; add day of reading, link card and plain text."""
    post = item.get("post")
    place = {name: value for name, value in item.items() if name != "post"}
    record = inner(post, "record")
    card = inner(record, "embed", "external", "uri")
    card = card or inner(record, "embed", "media", "external", "uri")
    own = post if isinstance(post, dict) else {}
    return {**place, **own, "read_on": read_on, "link_url": card, "text": _plain(record)}


def _plain(record: Any) -> str | None:
    """Return a text with its links whole and without persons; places in it count UTF-8 bytes."""
    text, facets = inner(record, "text"), inner(record, "facets")
    if not isinstance(text, str):
        return None
    body = text.encode()
    marks = [mark for mark in map(_mark, facets if isinstance(facets, list) else []) if mark]
    for start, end, instead in sorted(marks, reverse=True):
        body = body[:start] + instead.encode() + body[end:]
    return without_persons(body.decode(errors="replace"))


def _mark(facet: Any) -> tuple[int, int, str] | None:
    """Return where a facet lies and what stands there instead; None for hashtags and nonsense."""
    start, end = inner(facet, "index", "byteStart"), inner(facet, "index", "byteEnd")
    features = inner(facet, "features")
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(features, list)):
        return None
    for feature in features:
        kind, address = inner(feature, "$type"), inner(feature, "uri")
        if kind == f"{FACET}mention":
            return start, end, "@person"
        if kind == f"{FACET}link" and isinstance(address, str):
            return start, end, address
    return None


SOURCE = Source(
    area="social",
    title="Bluesky",
    base_url="https://bsky.social",
    connect=connect,
    credentials=("app_password",),
    settings=("handle",),
    permissions=RIGHTS,
    access="Settings, Privacy and security, App passwords: make one for this tool. It reads what "
    "everybody may read; the main password is never needed.",
)
