"""Instagram's Graph API (Facebook login): the account, its media and stories, their insights.

Source: developers.facebook.com, Instagram platform, v21.0 to v26.0, read 2026-11. Likes, comments
and views are the organic ones. No metric tells clicks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.company import cutoff
from sandbox.company.base import words
from sandbox.company.networks import followers_on, posts_on
from sandbox.company.social import Post
from sandbox.servers import graph
from sandbox.servers.graph import GraphError, Row
from sandbox.servers.instagram_rows import (
    FIELDS,
    STORY_FIELDS,
    child,
    children,
    figures,
    media_id,
    medium,
    product,
    story_figures,
)
from sandbox.servers.wire import Reply, Request, World

ACCOUNT, PAGE = "17841400008460056", "104729385610"
CREDENTIALS = {
    "access_token": "EAAG-sandbox-instagram-system-user",
    "app_secret": "sandbox-instagram-app-secret",
}
SETTINGS = {"account": ACCOUNT, "post_days": 400}
COVERS = {"posts": ["instagram"], "post_metrics": ["instagram"]}
ACCOUNT_FIELDS = words(
    "id biography ig_id followers_count follows_count media_count name profile_picture_url"
    " username website"
)
LIVES = timedelta(hours=24)
FEWEST_VIEWERS = 5


class Instagram:
    """The platform as a system user with the account as its asset sees it."""

    def __init__(self, world: World) -> None:
        self._world = world
        secrets = world.secrets
        tokens = {secrets["BEYOND_LIKES_INSTAGRAM_ACCESS_TOKEN"]}
        secret = secrets["BEYOND_LIKES_INSTAGRAM_APP_SECRET"]
        self._door = graph.Door(tokens, secret, "instagram", ACCOUNT)
        self._stories: list[Post] | None = None

    def expire(self) -> None:
        """Nothing ends: a system user's token has no date, and no other is given out."""

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        return graph.refusal(status, limit=80002)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        return self._door.answer(request, self._route)

    def _route(self, parts: list[str], request: Request) -> Reply:
        if parts == ["me", "accounts"]:
            page = {"id": PAGE, "instagram_business_account": {"id": ACCOUNT}}
            return graph.listing(request, [page])
        if parts == [ACCOUNT]:
            asked = request.params.get("fields")
            return Reply(graph.chosen(self._account(), asked, ACCOUNT_FIELDS, "IGUser"))
        if parts == [ACCOUNT, "media"]:
            return self._listed(request, self._media(), FIELDS)
        if parts == [ACCOUNT, "stories"]:
            return self._listed(request, self._living(), STORY_FIELDS)
        found = [post for post in (*self._media(), *self._living()) if media_id(post) == parts[0]]
        if found and len(parts) == 1:
            row = medium(found[0], ACCOUNT, self._world.clock.day)
            return Reply(graph.chosen(row, request.params.get("fields"), FIELDS, "IGMedia"))
        if found and parts[1:] == ["insights"]:
            return self._insights(request, found[0])
        albums = [post for post in self._media() if parts[0] in children(post)]
        if albums and len(parts) == 1:
            row = child(albums[0], parts[0], ACCOUNT)
            return Reply(graph.chosen(row, request.params.get("fields"), FIELDS, "IGMedia"))
        text = f"Unsupported get request. Object with ID '{'/'.join(parts)}' does not exist"
        raise GraphError(100, text, 33)

    def _account(self) -> Row:
        company, day = self._world.company, self._world.clock.day
        return {
            "id": ACCOUNT,
            "ig_id": 8460056,
            "username": "acme",
            "name": "Acme",
            "followers_count": followers_on(company, "instagram", day),
            "follows_count": 12,
            "media_count": len(self._media()),
        }

    def _media(self) -> list[Post]:
        """Return what was published, newest first; stories are not among it."""
        end, posts = cutoff(self._world.clock.day), self._world.company.social.posts
        return [p for p in posts if p.platform == "instagram" and p.published_at < end][::-1]

    def _living(self) -> list[Post]:
        """Return the stories of the last 24 hours, newest first."""
        if self._stories is None:
            self._stories = posts_on(self._world.company, "instagram stories")
            for post in self._stories:
                post.kind = "story"
        now = self._world.clock.now
        return [p for p in self._stories if now - LIVES < p.published_at <= now][::-1]

    def _listed(self, request: Request, posts: list[Post], known: list[str]) -> Reply:
        params = request.params
        first, end = (_instant(params.get(name)) for name in ("since", "until"))
        rows = [
            medium(post, ACCOUNT, self._world.clock.day)
            for post in posts
            if (not first or post.published_at >= first) and (not end or post.published_at < end)
        ]
        asked = params.get("fields")
        reply = graph.listing(request, rows, lambda row: graph.chosen(row, asked, known, "IGMedia"))
        reply.key_fields = ("id", "timestamp", "media_product_type")
        return reply

    def _insights(self, request: Request, post: Post) -> Reply:
        clock, kind = self._world.clock, product(post)
        if kind == "STORY":
            told = story_figures(post, clock.now)
            if told["reach"] < FEWEST_VIEWERS:
                text = "(#10) Not enough viewers for the media to show insights"
                raise GraphError(10, text)
        else:
            told = figures(post, clock.day)
        names = graph.metrics_asked(request, list(told))
        rows = [graph.insight(media_id(post), name, told[name]) for name in names]
        return Reply({"data": rows}, records=rows, key_fields=("name", "values"))


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not text.isdigit():
        raise GraphError(100, "(#100) Must be a unix timestamp")
    return datetime.fromtimestamp(int(text), UTC)


PLATFORM = Instagram
