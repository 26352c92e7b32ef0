"""Bluesky's XRPC: sessions with real JWTs, the own profile, the author feed by cursor.

Source: docs.bsky.app and the lexicons app.bsky.*, com.atproto.server.*, read 2026-11.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.company.social import Post
from sandbox.servers.linkedin_rows import tagged_link
from sandbox.servers.wire import Reply, Request, World, iso

HANDLE, DID = "acme.bsky.example", "did:plc:acmeacmeacmeacmeacmeacme"
OTHER = "did:plc:otherotherotherotherother"
CREDENTIALS = {"app_password": "sand-box0-bsky-pass"}
SETTINGS = {"handle": HANDLE}
COVERS = {"posts": ["bluesky"], "post_metrics": ["bluesky"], "account_metrics": ["bluesky"]}
FILTERS = (
    *("posts_with_replies", "posts_no_replies", "posts_with_media"),
    *("posts_and_author_threads", "posts_with_video"),
)
MOST, USUAL = 100, 50


class Bluesky:
    """The host of the company's account, under `/xrpc`."""

    def __init__(self, world: World) -> None:
        self._world, self._given = world, 0
        self._access: dict[str, bool] = {}
        self._refresh: set[str] = set()
        self._posts: list[Post] | None = None

    def expire(self) -> None:
        """Let the two hours of every session pass."""
        self._access = dict.fromkeys(self._access, False)

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        bodies = {
            401: {"error": "AuthMissing", "message": "Authentication Required"},
            403: {"error": "Forbidden", "message": "Bad token scope"},
            429: {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
        }
        return Reply(bodies[status], status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        reply = self._answer(request)
        reset = int(self._world.clock.now.timestamp()) + 300
        reply.headers |= {
            "ratelimit-limit": "3000",
            "ratelimit-remaining": "2999",
            "ratelimit-reset": str(reset),
            "ratelimit-policy": "3000;w=300",
        }
        return reply

    def _answer(self, request: Request) -> Reply:
        method = request.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession":
            return self._open(request)
        if method == "com.atproto.server.refreshSession":
            return self._renew(request)
        if request.bearer is None:
            return self.refusal(401)
        if request.bearer not in self._access:
            return _error("InvalidToken", "Token could not be verified")
        if not self._access[request.bearer]:
            return _error("ExpiredToken", "Token has expired")
        if method not in ("app.bsky.actor.getProfile", "app.bsky.feed.getAuthorFeed"):
            return Reply(
                {"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501
            )
        if request.method != "GET":
            return _error("InvalidRequest", "Incorrect HTTP method (POST) expected GET")
        if "actor" not in request.params:
            return _error("InvalidRequest", 'Error: Params must have the property "actor"')
        if request.params["actor"] not in (HANDLE, DID):
            return _error("InvalidRequest", "Profile not found")
        return self._profile() if method.endswith("getProfile") else self._feed(request)

    def _open(self, request: Request) -> Reply:
        form = request.json if isinstance(request.json, dict) else {}
        good = self._world.secrets["BEYOND_LIKES_BLUESKY_APP_PASSWORD"]
        if request.method != "POST" or "identifier" not in form or "password" not in form:
            return _error("InvalidRequest", "Input must have the property 'identifier'")
        if form["identifier"] not in (HANDLE, DID) or form["password"] != good:
            body = {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
            return Reply(body, 401)
        return self._session()

    def _renew(self, request: Request) -> Reply:
        if request.bearer not in self._refresh:
            return _error("ExpiredToken", "Token has been revoked")
        self._refresh.discard(request.bearer)
        return self._session()

    def _session(self) -> Reply:
        self._given += 1
        access = self._token("com.atproto.appPass", hours=2)
        refresh = self._token("com.atproto.refresh", hours=24 * 60)
        self._access[access] = True
        self._refresh.add(refresh)
        names = {"handle": HANDLE, "did": DID, "active": True}
        return Reply({"accessJwt": access, "refreshJwt": refresh, **names})

    def _token(self, scope: str, hours: int) -> str:
        now = self._world.clock.now
        end = int((now + timedelta(hours=hours)).timestamp())
        claims = {"scope": scope, "sub": DID, "iat": int(now.timestamp()), "exp": end}
        parts = [{"typ": "at+jwt", "alg": "ES256K"}, claims | {"jti": str(self._given)}]
        texts = [json.dumps(part).encode() for part in parts] + [b"sandbox"]
        return ".".join(base64.urlsafe_b64encode(t).decode().rstrip("=") for t in texts)

    def _published(self) -> list[Post]:
        if self._posts is None:
            self._posts = posts_on(self._world.company, "bluesky")
        end = cutoff(self._world.clock.day)
        return [post for post in self._posts if post.published_at < end]

    def _profile(self) -> Reply:
        company, day = self._world.company, self._world.clock.day
        return Reply(
            {
                "did": DID,
                "handle": HANDLE,
                "displayName": "Acme",
                "description": "All about Acme",
                "followersCount": followers_on(company, "bluesky", day),
                "followsCount": 12,
                "postsCount": len(self._published()),
                "createdAt": "2024-11-14T09:00:00.000Z",
                "indexedAt": "2024-11-14T09:00:01.000Z",
                "labels": [],
            }
        )

    def _feed(self, request: Request) -> Reply:
        """Answer one page, newest first; the cursor is absent on the last one."""
        params = request.params
        limit, wanted = params.get("limit", str(USUAL)), params.get("filter", FILTERS[0])
        if not limit.isdigit() or not 1 <= int(limit) <= MOST:
            return _error("InvalidRequest", f"Error: limit can not be greater than {MOST}")
        if wanted not in FILTERS:
            return _error("InvalidRequest", f"Error: filter must be one of ({'|'.join(FILTERS)})")
        rows = sorted(self._items(wanted), key=_place, reverse=True)
        left = [row for row in rows if "cursor" not in params or _place(row) < params["cursor"]]
        page = left[: int(limit)]
        body: dict[str, Any] = {"feed": page}
        reply = Reply(body, records=page, key_fields=("post", "reason"))
        if len(left) > len(page):
            body["cursor"] = _place(page[-1])
            reply.next_url = f"{request.base}{request.path}?cursor={body['cursor']}"
            reply.set_next = lambda _url: body.update(cursor=params.get("cursor", body["cursor"]))
        return reply

    def _items(self, wanted: str) -> list[dict[str, Any]]:
        """Return own posts, a repost beside every tenth, and answers where they are asked for."""
        person = self._world.company.people.all[0]
        found: list[dict[str, Any]] = []
        for number, post in enumerate(self._published()):
            own = _view(post, totals(post, self._world.clock.day))
            found.append({"post": own})
            if number % 10 == 0:
                by = {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": own["indexedAt"]}
                by |= {"by": own["author"]}
                other = own | {"uri": f"at://{OTHER}/app.bsky.feed.post/{number}"}
                other |= {"author": {"did": OTHER, "handle": "x.example", "displayName": "X"}}
                found.append({"post": other, "reason": by})
            if number % 10 == 5 and wanted == "posts_with_replies":
                record = own["record"] | {"text": f"To {person.name}: call me"}
                answer = own | {"uri": f"{own['uri']}r", "record": record}
                asked = {"$type": "app.bsky.feed.defs#postView"} | own
                asked |= {"author": {"did": OTHER, "handle": "x.example", "displayName": "X"}}
                found.append({"post": answer, "reply": {"root": asked, "parent": asked}})
        return found


def _place(item: dict[str, Any]) -> str:
    """Return where an item stands in the feed."""
    return f"{item['post']['indexedAt']}::{item['post']['uri'].rpartition('/')[2]}"


def _view(post: Post, figures: tuple[int, ...]) -> dict[str, Any]:
    """Return a post as the feed shows it; a long address in its text is cut."""
    _, likes, comments, shares, _, _ = figures
    at = iso(post.published_at)
    record: dict[str, Any] = {"$type": "app.bsky.feed.post", "createdAt": at, "langs": ["en"]}
    record["text"] = "News from the office"
    if post.campaign:
        link = tagged_link(post.campaign, "bluesky")
        start = f"Schöne Grüße: {post.campaign.message} "
        span = {"byteStart": len(start.encode()), "byteEnd": len(start.encode()) + 23}
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": link}
        record["text"] = f"{start}{link[12:32]}..."
        record["facets"] = [{"index": span, "features": [feature]}]
    view = {
        "uri": f"at://{DID}/app.bsky.feed.post/3m{int(post.id):x}",
        "cid": f"bafyrei{int(post.id):x}",
        "author": {"did": DID, "handle": HANDLE, "displayName": "Acme"},
        "record": record,
        "replyCount": comments,
        "repostCount": shares - shares // 3,
        "quoteCount": shares // 3,
        "likeCount": likes,
        "bookmarkCount": likes // 4,
        "indexedAt": at,
        "labels": [],
    }
    return view | ({"embed": _embed(post)} if post.kind in ("image", "video") else {})


def _embed(post: Post) -> dict[str, Any]:
    """Return what is attached to a post, with addresses nobody answers at."""
    blob = f"bafkrei{int(post.id):x}"
    at = f"https://media.example/{DID}/{blob}"
    if post.kind == "video":
        video = {"cid": blob, "playlist": f"{at}/playlist.m3u8"}
        return {"$type": "app.bsky.embed.video#view"} | video
    image = {"thumb": f"{at}@thumb", "fullsize": f"{at}@full", "alt": "Acme"}
    return {"$type": "app.bsky.embed.images#view", "images": [image]}


def _error(name: str, message: str) -> Reply:
    return Reply({"error": name, "message": message}, 400)


PLATFORM = Bluesky
