"""Mastodon's REST API v1: the own account and its statuses, paged by the Link header.

Source: docs.joinmastodon.org (methods accounts, entities Status and Account), read 2026-11.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.company.social import Post
from sandbox.servers.linkedin_rows import tagged_link
from sandbox.servers.wire import Reply, Request, World, iso

ACCOUNT = "109302436954721982"
CREDENTIALS = {"access_token": "sandbox-mastodon-token"}
COVERS = {
    "posts": ["mastodon"],
    "post_metrics": ["mastodon"],
    "account_metrics": ["mastodon"],
}
MOST, USUAL = 40, 20
FALSE = ("", "0", "f", "F", "false", "FALSE", "off", "OFF")  # everything else is true, as in Rails
ANSWER_TO = "111111111111111111"


class Mastodon:
    """One instance with the company's account on it."""

    def __init__(self, world: World) -> None:
        self._world, self._revoked = world, False
        self._posts: list[Post] | None = None

    def expire(self) -> None:
        """Revoke the token: one of Mastodon has no end of its own."""
        self._revoked = True

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        texts = {
            401: "The access token was revoked",
            403: "This action is outside the authorized scopes",
            429: "Too many requests",
        }
        return Reply({"error": texts[status]}, status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        reply = self._answer(request)
        reset = self._world.clock.now + timedelta(minutes=5)
        reply.headers |= {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": "299",
            "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return reply

    def _answer(self, request: Request) -> Reply:
        if request.path in ("/api/v1/instance", "/api/v2/instance"):
            return Reply({"domain": "social.acme.example", "version": "4.5.0"})
        good = self._world.secrets["BEYOND_LIKES_MASTODON_ACCESS_TOKEN"]
        if request.bearer != good:
            return Reply({"error": "The access token is invalid"}, 401)
        if self._revoked:
            return self.refusal(401)
        if request.path in (
            "/api/v1/accounts/verify_credentials",
            f"/api/v1/accounts/{ACCOUNT}",
        ):
            return Reply(self._account())
        if request.path == f"/api/v1/accounts/{ACCOUNT}/statuses" and request.method == "GET":
            return self._statuses(request)
        return Reply({"error": "Record not found"}, 404)

    def _account(self) -> dict[str, Any]:
        company, day = self._world.company, self._world.clock.day
        return {
            "id": ACCOUNT,
            "username": "acme",
            "acct": "acme",
            "display_name": "Acme",
            "note": "<p>All about Acme</p>",
            "url": "https://social.acme.example/@acme",
            "created_at": "2022-11-07T00:00:00.000Z",
            "last_status_at": day.isoformat(),
            "followers_count": followers_on(company, "mastodon", day),
            "following_count": 12,
            "statuses_count": len(self._published()),
        }

    def _published(self) -> list[Post]:
        if self._posts is None:
            self._posts = posts_on(self._world.company, "mastodon")
        end = cutoff(self._world.clock.day)
        return [post for post in self._posts if post.published_at < end]

    def _listed(self, params: dict[str, str]) -> list[dict[str, Any]]:
        """Return the account's statuses that the filters leave, newest first."""
        found = [self._status(post) for post in self._published()]
        person = self._world.company.people.all[0]
        asides = [self._aside(post, n % 3, person.name) for n, post in enumerate(self._published())]
        for status in asides[::10]:
            answer = status["in_reply_to_account_id"] not in (None, ACCOUNT)
            if answer and params.get("exclude_replies", "0") not in FALSE:
                continue
            if status["reblog"] and params.get("exclude_reblogs", "0") not in FALSE:
                continue
            found.append(status)
        return sorted(found, key=lambda status: int(status["id"]), reverse=True)

    def _statuses(self, request: Request) -> Reply:
        """Answer one page; a page that is full has a next one, which may be empty."""
        params = request.params
        limit = params.get("limit", str(USUAL))
        size = min(int(limit), MOST) if limit.isdigit() and int(limit) else USUAL
        top = int(params["max_id"]) if params.get("max_id", "").isdigit() else None
        rows = [row for row in self._listed(params) if top is None or int(row["id"]) < top][:size]
        reply = Reply(rows, records=rows, key_fields=("id", "created_at"))
        if rows:
            kept = {k: v for k, v in params.items() if k not in ("max_id", "min_id", "since_id")}
            query = "".join(f"{k}={quote(v)}&" for k, v in kept.items())
            here = f"{request.base}{request.path}?{query}"
            before = f'<{here}min_id={rows[0]["id"]}>; rel="prev"'
            reply.headers["Link"] = before
            if len(rows) == size:
                reply.next_url = f"{here}max_id={rows[-1]['id']}"

                def link(url: str) -> None:
                    reply.headers["Link"] = f'<{url}>; rel="next", {before}'

                link(reply.next_url)
                reply.set_next = link
        return reply

    def _status(self, post: Post) -> dict[str, Any]:
        _, likes, comments, shares, _, _ = totals(post, self._world.clock.day)
        kinds = {"image": "image", "video": "video"}
        media = [{"id": post.id, "type": kinds[post.kind]}] if post.kind in kinds else []
        return {
            **_bare(post.id, iso(post.published_at)),
            "content": _content(post),
            "favourites_count": likes,
            "replies_count": comments,
            "reblogs_count": shares,
            "media_attachments": media,
        }

    def _aside(self, post: Post, kind: int, name: str) -> dict[str, Any]:
        """Return what is no post of the company: a boost, an answer, a direct message."""
        at = iso(post.published_at + timedelta(seconds=1))
        person = {"id": ANSWER_TO, "acct": name, "url": f"https://m.example/@{name}"}
        status = _bare(str(int(post.id) + (1 << 20)), at) | {
            "content": f"<p>To {name}: call me</p>",
            "mentions": [person],
        }
        if kind == 0:
            other = {**_bare(ANSWER_TO, at), "account": person, "favourites_count": 900}
            return status | {"reblog": other, "mentions": []}
        if kind == 1:
            return status | {"in_reply_to_id": "1", "in_reply_to_account_id": ANSWER_TO}
        return status | {"visibility": "direct"}


def _bare(number: str, at: str | None) -> dict[str, Any]:
    url = f"https://social.acme.example/@acme/{number}"
    return {
        "id": number,
        "created_at": at,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://social.acme.example/users/acme/statuses/{number}",
        "url": url,
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": None,
        "content": "",
        "reblog": None,
        "account": {"id": ACCOUNT, "username": "acme", "acct": "acme"},
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def _content(post: Post) -> str:
    """Return the text as HTML; a long address is shown cut into pieces."""
    if post.campaign is None:
        return "<p>News from the office</p>"
    link = tagged_link(post.campaign, "mastodon").replace("&", "&amp;")
    shown = re.sub(r"^https://www\.", "", link)
    cut = f'<span class="invisible">https://www.</span><span class="ellipsis">{shown[:20]}</span>'
    cut += f'<span class="invisible">{shown[20:]}</span>'
    return f'<p>{post.campaign.message} <a href="{link}" rel="nofollow">{cut}</a></p>'


PLATFORM = Mastodon
