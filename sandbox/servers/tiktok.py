"""TikTok's API for Business v1.3, organic: an account's days, its videos, and tokens of a day.

Source: the portal's pages of the Accounts API; read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.company.social import Post
from sandbox.servers.linkedin_rows import tagged_link
from sandbox.servers.wire import Reply, Request, World

ACCOUNT = "_000AcmeSandboxAccount0tiktok"
CREDENTIALS = {
    "client_id": "7400000000000000002",
    "client_secret": "sandbox-tiktok-organic-secret",
    "refresh_token": "rft.sandbox-tiktok-0",
}
SETTINGS = {"account": ACCOUNT}
COVERS = {
    "posts": ["tiktok"],
    "post_metrics": ["tiktok"],
    "account_metrics": ["tiktok"],
}
API = "/open_api/v1.3"
MOST, USUAL, SHOWN_DAYS, IDLE_DAYS = 20, 10, 60, 7
NO_SCHEMA, NO_RIGHT, WRONG, TOO_MANY = 40006, 40001, 40002, 40100
EXPIRED, MISSING_TOKEN, BAD_TOKEN, BAD_REFRESH = 40102, 40104, 40105, 40107
PROFILE = {
    "username",
    "display_name",
    "followers_count",
    "videos_count",
    "daily_total_followers",
    "daily_new_followers",
    "daily_lost_followers",
    "video_views",
    "is_verified",
}
DAILY = ("daily_total_followers", "daily_new_followers", "daily_lost_followers", "video_views")


class WrongError(Exception):
    """A parameter that the platform refuses with code 40002."""


class TikTok:
    """One account with the company's videos."""

    def __init__(self, world: World) -> None:
        self._world, self._given, self._calls = world, 0, 0
        self._tokens, self._ended = set[str](), set[str]()
        self._refresh = {world.secrets["BEYOND_LIKES_TIKTOK_REFRESH_TOKEN"]}
        self._posts: list[Post] | None = None

    def expire(self) -> None:
        """Let the day of every access token pass."""
        self._ended, self._tokens = self._ended | self._tokens, set()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses: its code, with status 200."""
        codes = {
            401: (BAD_TOKEN, "Access token is incorrect or has been revoked."),
            403: (NO_RIGHT, "No permission to operate the account."),
            429: (TOO_MANY, "Too many requests. Please try again later."),
        }
        return _said(*codes[status])

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        self._calls += 1
        try:
            reply = self._answer(request)
        except WrongError as error:
            reply = _said(WRONG, f"{error}: Invalid value.")
        reply.body["request_id"] = f"{self._world.clock.day:%Y%m%d}{self._calls:012X}"
        return reply

    def _answer(self, request: Request) -> Reply:
        path = request.path.removesuffix("/")
        if request.method == "POST" and path == f"{API}/tt_user/oauth2/refresh_token":
            return self._renewed(request)
        routes: dict[str, Callable[[Request], Reply]] = {
            f"{API}/business/get": self._profile,
            f"{API}/business/video/list": self._videos,
        }
        if path not in routes or request.method != "GET":
            return _said(NO_SCHEMA, "no schema found")
        token = request.headers.get("access-token", "")
        if not token:
            return _said(MISSING_TOKEN, "Access token is null.")
        if token in self._ended:
            return _said(EXPIRED, "Access token has expired.")
        if token not in self._tokens:
            return self.refusal(401)
        if request.params.get("business_id") != ACCOUNT:
            return self.refusal(403)
        return routes[path](request)

    def _renewed(self, request: Request) -> Reply:
        """Answer a token of a day; a new refresh token comes with it, the old one stays good."""
        given, secrets = request.json or {}, self._world.secrets
        for name in ("client_id", "client_secret"):
            if given.get(name) != secrets[f"BEYOND_LIKES_TIKTOK_{name}".upper()]:
                raise WrongError(name)
        if given.get("grant_type") != "refresh_token":
            raise WrongError("grant_type")
        if given.get("refresh_token") not in self._refresh:
            return _said(BAD_REFRESH, "Refresh token is invalid.")
        self._given += 1
        token, following = f"act.sandbox-{self._given}", f"rft.sandbox-tiktok-{self._given}"
        self._tokens.add(token)
        self._refresh.add(following)
        lives = {"expires_in": 86400, "refresh_token_expires_in": 31536000}
        named = {"open_id": ACCOUNT, "scope": "user.info.stats,video.list", "token_type": "Bearer"}
        return _good({"access_token": token, "refresh_token": following, **lives, **named})

    def _profile(self, request: Request) -> Reply:
        """Answer flat values of now and, of daily fields, one entry a day."""
        asked = _listed(request, "fields") or ["display_name"]
        if set(asked) - PROFILE:
            raise WrongError("fields")
        today, company = self._world.clock.day, self._world.company
        now = {
            "username": "acme",
            "display_name": "Acme",
            "is_verified": True,
            "followers_count": followers_on(company, "tiktok", today),
            "videos_count": len(self._published()),
        }
        data: dict[str, Any] = {name: now[name] for name in asked if name in now}
        wanted = [name for name in DAILY if name in asked]
        if wanted:
            data["metrics"] = [self._day(day, wanted) for day in self._days(request)]
            return _good(data, data["metrics"], ("date",))
        return _good(data)

    def _days(self, request: Request) -> list[date]:
        """Return the asked days that are ready; the newest one never is."""
        yesterday = (self._world.clock.now - timedelta(days=1)).date()
        first = _date(request, "start_date", yesterday - timedelta(days=6))
        last = _date(request, "end_date", yesterday)
        if first < yesterday - timedelta(days=SHOWN_DAYS - 1) or last > yesterday or first > last:
            raise WrongError("start_date")
        ready = min(last, yesterday - timedelta(days=1))
        start = max(first, self._world.company.first)
        return [start + timedelta(days=n) for n in range((ready - start).days + 1)]

    def _day(self, day: date, wanted: list[str]) -> dict[str, Any]:
        company = self._world.company
        before, after = (followers_on(company, "tiktok", d) for d in (day - timedelta(1), day))
        lost = max(before - after, 0) + 2
        views = [post.shown(day, self._world.clock.day) for post in self._published()]
        known = {
            "daily_total_followers": after,
            "daily_new_followers": after - before + lost,
            "daily_lost_followers": lost,
            "video_views": sum(figures[0] for figures in views if figures),
        }
        return {"date": day.isoformat(), **{name: known[name] for name in wanted}}

    def _published(self) -> list[Post]:
        if self._posts is None:
            self._posts = posts_on(self._world.company, "tiktok")
        end = cutoff(self._world.clock.day)
        return [post for post in self._posts if post.published_at < end]

    def _videos(self, request: Request) -> Reply:
        """Answer one page, newest first; the cursor is the time of the last video in it."""
        size = request.params.get("max_count", str(USUAL))
        if not size.isdigit() or not 1 <= int(size) <= MOST:
            raise WrongError("max_count")
        before = request.params.get("cursor", "")
        if before and not before.isdigit():
            raise WrongError("cursor")
        rows = sorted(self._published(), key=_place, reverse=True)
        left = [post for post in rows if not before or _place(post) < int(before)]
        page = left[: int(size)]
        asked = _listed(request, "fields") or ["item_id"]
        found = [self._video(post, asked) for post in page]
        data = {"videos": found, "has_more": len(left) > len(page)}
        data |= {"cursor": _place(page[-1])} if page else {}
        return _good(data, found, ("item_id", "create_time"))

    def _video(self, post: Post, asked: list[str]) -> dict[str, Any]:
        """Return one video; people reached are left out once nobody saw it for a week."""
        today = self._world.clock.day
        views, likes, comments, shares, clicks, reach = totals(post, today)
        seen = [day for day in post.days if day <= today and post.shown(day, today)]
        idle = not seen or (today - max(seen)).days > IDLE_DAYS
        link = f" {tagged_link(post.campaign, 'tiktok')}" if post.campaign else ""
        whole = {
            "item_id": post.id,
            "create_time": str(int(post.published_at.timestamp())),
            "media_type": "PHOTO" if post.kind == "image" else "VIDEO",
            "is_ad": False,
            "caption": f"{post.campaign.message if post.campaign else 'At work'}{link}",
            "share_url": f"https://www.tiktok.com/@acme/video/{post.id}",
            "video_duration": 14.2,
            "video_views": views,
            "likes": likes,
            "comments": comments,
            "shares": shares,
            "favorites": likes // 5,
            "website_clicks": clicks,
        } | ({} if idle else {"reach": reach})
        unknown = set(asked) - set(whole) - {"reach"}
        if unknown:
            raise WrongError("fields")
        return {name: whole[name] for name in asked if name in whole}


def _place(post: Post) -> int:
    """Return the number by which videos are ordered: their time, with a rest of their own."""
    return int(post.id)


def _listed(request: Request, name: str) -> list[str]:
    """Return a list that is written as JSON; code 40002 for anything else."""
    try:
        found = json.loads(request.params.get(name) or "[]")
    except ValueError as error:
        raise WrongError(name) from error
    if not isinstance(found, list):
        raise WrongError(name)
    return [str(one) for one in found]


def _date(request: Request, name: str, usual: date) -> date:
    try:
        text = request.params.get(name)
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date() if text else usual
    except ValueError as error:
        raise WrongError(name) from error


def _said(code: int, message: str) -> Reply:
    return Reply({"code": code, "message": message, "request_id": "", "data": {}})


def _good(
    data: dict[str, Any],
    records: list[dict[str, Any]] | None = None,
    keys: tuple[str, ...] = ("id",),
) -> Reply:
    body = {"code": 0, "message": "OK", "request_id": "", "data": data}
    return Reply(body, records=records, key_fields=keys)


PLATFORM = TikTok
