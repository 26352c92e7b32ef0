"""Facebook pages in the Graph API: page tokens, published posts, their insights, days of the page.

Source: developers.facebook.com, Graph API v21.0 to v26.0 and its changes of 2025-11-15 and 2026-06,
read 2026-11. Retired metrics fail the whole call.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.company import cutoff
from sandbox.company.base import words
from sandbox.company.networks import followers_on
from sandbox.company.social import FACEBOOK_PAGE as PAGE
from sandbox.company.social import Post
from sandbox.servers import graph
from sandbox.servers.facebook_rows import METRICS, figures, page_post, post_id, shown
from sandbox.servers.graph import GraphError, Row
from sandbox.servers.wire import Reply, Request, World

CREDENTIALS = {
    "access_token": "EAAG-sandbox-facebook-system-user",
    "app_secret": "sandbox-facebook-app-secret",
}
SETTINGS = {"page": PAGE, "post_days": 400}
COVERS = {"posts": ["facebook"], "post_metrics": ["facebook"]}
PAGE_FIELDS = words(
    "access_token fan_count followers_count id instagram_business_account link name"
    " talking_about_count username"
)
PAGE_METRICS = ("page_follows", "page_daily_follows_unique", "page_media_view")
DAYS_A_CALL = 93
LISTED_A_YEAR = 600
EDGES = ("posts", "published_posts", "feed")


class Facebook:
    """The platform as a system user with the page as its asset, and as the page itself."""

    def __init__(self, world: World) -> None:
        self._world, self._given = world, 1
        self._user = world.secrets["BEYOND_LIKES_FACEBOOK_ACCESS_TOKEN"]
        secret = world.secrets["BEYOND_LIKES_FACEBOOK_APP_SECRET"]
        self._door = graph.Door({self._user}, secret, "pages", PAGE)

    def expire(self) -> None:
        """Let the page's tokens end, as after a change of its administrators."""
        self._door.end(self._door.tokens - {self._user})
        self._given += 1

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        return graph.refusal(status, limit=80001)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        return self._door.answer(request, self._route)

    def _route(self, parts: list[str], request: Request) -> Reply:
        if parts == ["me", "accounts"]:
            return graph.listing(request, [self._page()], self._as_asked(request))
        if parts == [PAGE]:
            return Reply(self._as_asked(request)(self._page()))
        if graph.token_of(request) == self._user:
            text = "(#190) This method must be called with a Page Access Token"
            raise GraphError(190, text, 2069032)
        if parts[0] == PAGE and len(parts) == 2 and parts[1] in EDGES:
            return self._posts(request)
        if parts == [PAGE, "insights"]:
            return self._days(request)
        found = [post for post in self._published() if post_id(post) == parts[0]]
        if found and len(parts) == 1:
            row = page_post(found[0], self._world.clock.day)
            return Reply(shown(row, request.params.get("fields")))
        if found and parts[1:] == ["insights"]:
            return self._insights(request, found[0])
        text = f"Unsupported get request. Object with ID '{'/'.join(parts)}' does not exist"
        raise GraphError(100, text, 33)

    def _as_asked(self, request: Request) -> Callable[[Row], Row]:
        fields = request.params.get("fields")
        return lambda row: graph.chosen(row, fields, PAGE_FIELDS, "Page")

    def _page(self) -> Row:
        token = f"EAAG-sandbox-page-{self._given}"
        self._door.tokens.add(token)
        followers = followers_on(self._world.company, "facebook", self._world.clock.day)
        return {
            "id": PAGE,
            "name": "Acme",
            "username": "acme",
            "link": f"https://www.facebook.com/{PAGE}",
            "fan_count": followers - 20,
            "followers_count": followers,
            "talking_about_count": 3,
            "access_token": token,
        }

    def _published(self) -> list[Post]:
        """Return what was published, newest first, as far as the edge goes back."""
        end, posts = cutoff(self._world.clock.day), self._world.company.social.posts
        found = [p for p in posts if p.platform == "facebook" and p.published_at < end]
        return found[::-1][:LISTED_A_YEAR]

    def _posts(self, request: Request) -> Reply:
        params, day = request.params, self._world.clock.day
        first, end = (_instant(params.get(name)) for name in ("since", "until"))
        rows = [
            page_post(post, day)
            for post in self._published()
            if (not first or post.published_at >= first) and (not end or post.published_at < end)
        ]
        reply = graph.listing(request, rows, lambda row: shown(row, params.get("fields")))
        reply.key_fields = ("id", "created_time")
        return reply

    def _insights(self, request: Request, post: Post) -> Reply:
        """Answer lifetime totals; that they were told on this day is part of what happened."""
        day = self._world.clock.day
        if request.params.get("period", "lifetime") != "lifetime":
            raise GraphError(100, "(#100) The period is not valid for these metrics")
        told = figures(post, day)
        names = graph.metrics_asked(request, METRICS)
        post.readings.add(day)
        rows = [graph.insight(post_id(post), name, told[name]) for name in names if name in told]
        return Reply({"data": rows}, records=rows, key_fields=("name", "values"))

    def _days(self, request: Request) -> Reply:
        names, company = graph.metrics_asked(request, PAGE_METRICS), self._world.company
        if request.params.get("period", "day") != "day":
            raise GraphError(100, "(#100) The period is not valid for these metrics")
        found = []
        for name in names:
            total = name == "page_follows"
            days = graph.days_asked(request, self._world.clock.now, DAYS_A_CALL)
            values = [
                {
                    "value": followers_on(company, "facebook", day) if total else 0,
                    "end_time": graph.day_end(day),
                }
                for day in days
                if day >= company.first
            ]
            if values:
                row = graph.insight(PAGE, name, 0, "day", "Daily " + name)
                found.append(row | {"values": values})
        return Reply({"data": found}, records=found, key_fields=("name", "values"))


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else _date(text)
    except ValueError:
        raise GraphError(100, f"(#100) {text} is no time") from None


def _date(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=graph.PACIFIC)


PLATFORM = Facebook
