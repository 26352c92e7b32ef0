"""Mastodon: the account, and its posts with favourites, boosts and replies as they stand now.

Source: REST API v1 of any instance; reference read November 2026. Counters are lifetime totals as
far as the own instance knows them. The token's own list shows direct messages too: they are dropped
while they are parsed. A token never ends; 300 calls in five minutes, the reset is an ISO time.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from extractors.core.auth import Bearer
from extractors.core.http import Client, Reply, Seen
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

ME = "/api/v1/accounts/verify_credentials"
LISTED = 40  # the most that an instance lists on a page
RIGHTS = {"statuses": "read:statuses", "accounts": "read:accounts"}
explain = naming_rights(RIGHTS, "Authorise the application again with the scope {right}")


def connect(account: Account) -> Client:
    """Return a client of one instance: its address is base_url."""
    auth = Bearer(account.secrets["access_token"], where=account.name)
    return Client(account.base_url, where=account.name, auth=auth, explain=explain)


@stream(
    key=("status_id", "read_on"),
    columns={
        "status_id": Column(path="id"),
        "read_on": Column("DATE"),
        "account_id": Column(path="account.id"),
        "published_at": Column("TIMESTAMPTZ", "created_at"),
        "visibility": Column(),
        "url": Column(),
        "text": Column(),
        "media_type": Column(),
        "favourites": Column("BIGINT", "favourites_count"),
        "reblogs": Column("BIGINT", "reblogs_count"),
        "replies": Column("BIGINT", "replies_count"),
    },
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
    ignored=names(
        "application bookmarked card content edited_at emojis favourited filtered"
        " in_reply_to_account_id in_reply_to_id language media_attachments mentions muted pinned"
        " poll quote quote_approval quotes_count reblog reblogged sensitive spoiler_text tags uri"
    ),
)
def statuses(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every post of the account with its totals so far, newest first.

    Shape: one record per post and UTC day of reading; boosts of others, answers to others and
    direct messages are left out, persons mentioned in a text are too. A deleted post is not listed.
    """
    where = "mastodon.statuses"
    seen, account = Seen(where), inner(client.get(ME, where=where).body, "id")
    target = f"/api/v1/accounts/{account}/statuses"
    asked = {"limit": str(LISTED), "exclude_replies": "true", "exclude_reblogs": "true"}
    reply = client.get(target, asked, where=where)
    while True:
        read_on = reply.fetched_at.date().isoformat()
        own = [s for s in listed(reply) if not s.get("reblog") and s.get("visibility") != "direct"]
        yield Page([_post(status, read_on) for status in own], reply.fetched_at)
        following = reply.next_link()
        if following is None:
            return
        reply = client.get(seen.check(following), where=where)


@stream(
    key=("account_id", "read_on"),
    columns={
        "account_id": Column(path="id"),
        "read_on": Column("DATE"),
        "followers": Column("BIGINT", "followers_count"),
    },
    mode="snapshot",
    basis="lifetime",
    ignored=names(
        "acct attribution_domains avatar avatar_description avatar_static bot created_at"
        " discoverable display_name emojis feature_approval fields following_count group header"
        " header_description header_static hide_collections id indexable last_status_at locked"
        " moved noindex note role roles show_featured show_media show_media_replies source"
        " statuses_count uri url username"
    ),
)
def accounts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the account's followers of now, dated by the UTC day; there is no history."""
    reply: Reply = client.get(ME, where="mastodon.accounts")
    body = reply.body if isinstance(reply.body, dict) else {}
    yield Page([{**body, "read_on": reply.fetched_at.date().isoformat()}], reply.fetched_at)


def _post(status: Record, read_on: str) -> dict[str, Any]:
    """Add the day of reading, the kind of media, and the text without markup and persons."""
    media = status.get("media_attachments")
    first = media[0] if isinstance(media, list) and media else None
    kind = inner(first, "type") or ("poll" if status.get("poll") else None)
    return {**status, "read_on": read_on, "media_type": kind, "text": _plain(status)}


def _plain(status: Record) -> str | None:
    content, mentions = status.get("content"), status.get("mentions")
    if not isinstance(content, str):
        return None
    persons = {inner(one, "url") for one in mentions} if isinstance(mentions, list) else set()
    words = _Words(persons)
    words.feed(content)
    words.close()
    return without_persons("".join(words.parts)).strip()


class _Words(HTMLParser):
    """The text of a post: links whole, as what is shown of them is cut; persons as @person."""

    def __init__(self, persons: set[Any]) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._persons, self._replaced = persons, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line or a link; a hashtag is marked as a mention too, but keeps its word."""
        given = dict(attrs)
        kinds, address = (given.get("class") or "").split(), given.get("href")
        if tag in ("br", "p"):
            self.parts.append("\n")
        if tag == "a" and "hashtag" not in kinds:
            person = "mention" in kinds or address in self._persons
            self.parts.append("@person" if person else address or "")
            self._replaced = True

    def handle_endtag(self, tag: str) -> None:
        """End a link."""
        if tag == "a":
            self._replaced = False

    def handle_data(self, data: str) -> None:
        """Keep words outside of links."""
        if not self._replaced:
            self.parts.append(data)


SOURCE = Source(
    area="social",
    title="Mastodon",
    base_url="",
    connect=connect,
    credentials=("access_token",),
    settings=("base_url",),
    permissions=RIGHTS,
    access="Preferences, Development, New application on the own instance, with the two read "
    "scopes below; its page shows the access token.",
)
