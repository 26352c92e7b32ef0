"""LinkedIn's Community Management API: organisation, posts, statistics of shares and pages.

Source: the Marketing API pages of 2025-11 to 2026-09; both Rest.li dialects, UTC day buckets.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from sandbox.company import cutoff
from sandbox.company.social import Post
from sandbox.servers.linkedin_rows import (
    ORGANIZATION,
    URN,
    added,
    bucket,
    organization_element,
    page_views,
    post_element,
    totals,
)
from sandbox.servers.restli import BadParameterError, Restli
from sandbox.servers.wire import Reply, Request, World

OLDEST_VERSION = 202501
FOLLOWERS_AT_START = 4200

CREDENTIALS = {
    "access_token": "AQX-sandbox-linkedin-token",
    "refresh_token": "AQW-sandbox-linkedin-refresh",
    "client_id": "sandbox-linkedin-client",
    "client_secret": "sandbox-linkedin-secret",
}
SETTINGS = {"token_url": "{url}/oauth/v2/accessToken", "organization": ORGANIZATION}
COVERS = {"posts": ["linkedin"], "post_metrics": ["linkedin"]}


class LinkedIn:
    """The fake platform under `/rest` (and `/v2`, unversioned)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens = {world.secrets["BEYOND_LIKES_LINKEDIN_ACCESS_TOKEN"]: "active"}

    def expire(self) -> None:
        """Let the sixty days of every token pass."""
        self._tokens = {token: "expired" for token in self._tokens}

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        limit = "Resource level throttle limit for calls to this resource is reached."
        bodies: dict[int, dict[str, Any]] = {
            401: {"serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"},
            403: {"serviceErrorCode": 100, "code": "ACCESS_DENIED"},
            429: {"serviceErrorCode": 101},
        }
        texts = {
            401: "The token used in the request has been revoked by the user",
            403: "Not enough permissions to access: organizationalEntityShareStatistics.FINDER",
            429: limit,
        }
        return Reply({"status": status, "message": texts[status], **bodies[status]}, status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path.endswith("/oauth/v2/accessToken"):
            return self._refresh(request)
        if request.method == "POST" and request.headers.get("x-http-method-override", "") == "GET":
            request.query, request.method = request.body.decode(), "GET"
        refused = self._refuse(request)
        if refused:
            return refused
        route = re.sub(r"^/(rest|v2)(?=/)", "", request.path)
        protocol = request.headers.get("x-restli-protocol-version", "1.0.0")
        try:
            return self._route(unquote(route), Restli(request.query, protocol), request)
        except BadParameterError as error:
            return _error(400, f"Parameter '{error}' is invalid")

    def _route(self, route: str, query: Restli, request: Request) -> Reply:
        if route == f"/organizations/{ORGANIZATION}":
            return Reply(organization_element())
        if route == "/organizationAcls":
            acl = {"organization": URN, "role": "ADMINISTRATOR", "state": "APPROVED"}
            return _elements([acl])
        if route == f"/networkSizes/{URN}":
            return self._network(query)
        if route == "/posts":
            return self._posts(query, request)
        if route.startswith("/posts/"):
            found = [p for p in self._published() if p.id == route[len("/posts/") :]]
            return Reply(post_element(found[0])) if found else _error(404, "Not Found")
        if route == "/organizationalEntityShareStatistics":
            return self._statistics(query)
        if route == "/organizationalEntityFollowerStatistics":
            return self._followers(query)
        if route == "/organizationPageStatistics":
            return self._views(query)
        return _error(404, "Not Found")

    def _refuse(self, request: Request) -> Reply | None:
        """Return the error of a call without a good token or version."""
        token = request.bearer
        if not token:
            return _error(401, "Empty oauth2_access_token", service=401)
        if self._tokens.get(token) == "expired":
            text = "The token used in the request has expired"
            return _error(401, text, code="EXPIRED_ACCESS_TOKEN", service=65602)
        if token not in self._tokens:
            return _error(401, "Invalid access token", service=65600)
        if request.path.startswith("/v2/"):
            return None
        version = request.headers.get("linkedin-version", "")
        if not version:
            return _error(400, "A version must be present", code="VERSION_MISSING")
        if not re.fullmatch(r"\d{6}(\d{2})?", version) or int(version[:6]) < OLDEST_VERSION:
            text = f"Requested version {version} is not active"
            return _error(426, text, code="NONEXISTENT_VERSION")
        return None

    def _refresh(self, request: Request) -> Reply:
        wanted = self._world.secrets["BEYOND_LIKES_LINKEDIN_REFRESH_TOKEN"]
        form = request.form
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != wanted:
            text = (
                "The provided authorization grant or refresh token is invalid, expired or revoked"
            )
            return Reply({"error": "invalid_grant", "error_description": text}, 400)
        token = f"AQX-renewed-{len(self._tokens)}"
        self._tokens[token] = "active"
        lives = {"expires_in": 5184000, "refresh_token_expires_in": 31000000}
        return Reply({"access_token": token, "refresh_token": wanted, **lives})

    def _published(self) -> list[Post]:
        end = cutoff(self._world.clock.day)
        posts = self._world.company.social.posts
        return [p for p in posts if p.platform == "linkedin" and p.published_at < end]

    def _posts(self, query: Restli, request: Request) -> Reply:
        """Answer the author finder (newest first, by offset) or a batch by ids."""
        if query.has("ids"):
            wanted = query.items("ids")
            results = {p.id: post_element(p) for p in self._published() if p.id in wanted}
            missing = {
                i: {"status": 404, "message": "Not Found"} for i in wanted if i not in results
            }
            return Reply({"results": results, "statuses": {}, "errors": missing})
        if query.get("q") != "author" or query.get("author") != URN:
            return _error(400, "Parameter 'author' is invalid", code="INVALID_URN_TYPE")
        start, count = query.number("start", 0), query.number("count", 10)
        if not 1 <= count <= 100 or start < 0:
            raise BadParameterError("count")
        posts = self._published()[::-1]
        elements = [post_element(post) for post in posts[start : start + count]]
        reply = _elements(elements, start=start, count=count, total=len(posts))
        if start + count < len(posts):
            prefix = request.base.split("://")[1].partition("/")[2]
            keep = f"author={quote(URN, safe='')}&count={count}&q=author&start={start + count}"
            _link(reply, f"/{prefix}{request.path}?{keep}")
        return reply

    def _network(self, query: Restli) -> Reply:
        if query.get("edgeType") not in ("COMPANY_FOLLOWED_BY_MEMBER", "CompanyFollowedByMember"):
            raise BadParameterError("edgeType")
        gains, today = self._world.company.social.follower_gains, self._world.clock.day
        total = sum(sum(gain) for day, gain in gains.items() if day <= today)
        return Reply({"firstDegreeSize": FOLLOWERS_AT_START + total})

    def _window(self, query: Restli, lag: int, history: int) -> list[date] | None:
        """Return the UTC days that `timeIntervals` asks for; None without it."""
        asked = query.interval()
        if asked is None:
            return None
        first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in asked)
        whole = all(m.time() == datetime.min.time() for m in (first, last))
        today = self._world.clock.day
        oldest, newest = today - timedelta(days=history), today - timedelta(days=lag)
        if (
            not whole
            or first >= last
            or first.date() < oldest
            or last.date() > newest + timedelta(1)
        ):
            raise BadParameterError("timeIntervals")
        return [first.date() + timedelta(days=n) for n in range((last - first).days)]

    def _statistics(self, query: Restli) -> Reply:
        """Answer organisation or per-post statistics, lifetime or per day."""
        if query.get("q") != "organizationalEntity" or query.get("organizationalEntity") != URN:
            raise BadParameterError("organizationalEntity")
        # the bucket of the running UTC day exists already; days before a year ago are just empty
        days = self._window(query, lag=-1, history=4000)
        per_post = query.has("shares") or query.has("ugcPosts")
        wanted = {name: set(query.items(name)) for name in ("shares", "ugcPosts")}
        for name, kind in (("shares", "share"), ("ugcPosts", "ugcPost")):
            if any(not urn.startswith(f"urn:li:{kind}:") for urn in wanted[name]):
                return _error(400, f"Parameter '{name}' is invalid", code="INVALID_URN_TYPE")
        posts = self._published()
        if per_post:
            urns = wanted["shares"] | wanted["ugcPosts"]
            posts = [post for post in posts if post.id in urns]
            found = [e for post in posts for e in self._of_post(post, days)]
        else:
            found = self._of_all(posts, days)
        return _elements(found)

    def _of_post(self, post: Post, days: list[date] | None) -> list[dict[str, Any]]:
        """Return elements of one post; without activity there is none."""
        today = self._world.clock.day
        head = {"organizationalEntity": URN, post.id.split(":")[2]: post.id}
        if days is None:
            life = post.lifetime(today, today - timedelta(days=365))
            return [head | {"totalShareStatistics": totals(life, lifetime=True)}] if life else []
        shown = ((day, post.shown(day, today)) for day in days)
        return [
            head | {"timeRange": bucket(day), "totalShareStatistics": totals(now)}
            for day, now in shown
            if now
        ]

    def _of_all(self, posts: list[Post], days: list[date] | None) -> list[dict[str, Any]]:
        """Return the organisation's totals; days without activity are zeros."""
        today = self._world.clock.day
        head = {"organizationalEntity": URN}
        if days is None:
            since = today - timedelta(days=365)
            lives = [life for post in posts if (life := post.lifetime(today, since))]
            return [head | {"totalShareStatistics": totals(added(lives), lifetime=True)}]
        found = []
        for day in days:
            shown = [now for post in posts if (now := post.shown(day, today))]
            figures = totals(added(shown))
            found.append(head | {"timeRange": bucket(day), "totalShareStatistics": figures})
        return found

    def _followers(self, query: Restli) -> Reply:
        if query.get("q") != "organizationalEntity" or query.get("organizationalEntity") != URN:
            raise BadParameterError("organizationalEntity")
        days = self._window(query, lag=2, history=366)
        gains = self._world.company.social.follower_gains
        if days is None:
            size = {"organicFollowerCount": FOLLOWERS_AT_START, "paidFollowerCount": 0}
            part = [{"followerCounts": size, "staffCountRange": "SIZE_201_TO_500"}]
            return _elements(
                [{"organizationalEntity": URN, "followerCountsByStaffCountRange": part}]
            )
        found = []
        for day in days:
            organic, paid = gains.get(day, (0, 0))
            gain = {"organicFollowerGain": organic, "paidFollowerGain": paid}
            head = {"organizationalEntity": URN, "timeRange": bucket(day)}
            found.append(head | {"followerGains": gain})
        return _elements(found)

    def _views(self, query: Restli) -> Reply:
        """Answer views of the page: per day, or the sum of a year with who looked."""
        if query.get("q") != "organization" or query.get("organization") != URN:
            raise BadParameterError("organization")
        days, today = self._window(query, lag=-1, history=366), self._world.clock.day
        head = {"organization": URN}
        if days is None:
            sums = page_views(today, today, 4000, lifetime=True)
            part = [{"pageStatistics": sums, "staffCountRange": "SIZE_201_TO_500"}]
            return _elements(
                [head | {"totalPageStatistics": sums, "pageStatisticsByStaffCountRange": part}]
            )
        posts, found = self._published(), []
        for day in days:
            clicks = sum(post.days.get(day, (0,) * 6)[4] for post in posts)
            views = page_views(day, today, clicks)
            found.append(head | {"timeRange": bucket(day), "totalPageStatistics": views})
        return _elements(found)


def _error(
    status: int, message: str, *, code: str | None = None, service: int | None = None
) -> Reply:
    body: dict[str, Any] = {"status": status, "message": message}
    body |= {} if code is None else {"code": code}
    body |= {} if service is None else {"serviceErrorCode": service}
    return Reply(body, status)


def _elements(found: list[dict[str, Any]], **paging: int) -> Reply:
    body = {"paging": {"start": 0, "count": 10, "links": [], **paging}, "elements": found}
    keys = ("id", "share", "ugcPost", "timeRange", "organizationalEntity", "organization")
    return Reply(body, records=found, key_fields=keys)


def _link(reply: Reply, href: str) -> None:
    link = {"type": "application/json", "rel": "next", "href": href}
    reply.body["paging"]["links"].append(link)
    reply.next_url, reply.set_next = href, lambda url: link.update(href=url)


PLATFORM = LinkedIn
