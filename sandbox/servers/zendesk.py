"""Zendesk Support: tickets by the incremental cursor export, their metrics, users, OAuth.

Source: developer.zendesk.com (Ticketing API v2), read 2026-11.
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.company import cutoff
from sandbox.servers.wire import Reply, Request, World
from sandbox.servers.zendesk_rows import Rows

EXPIRES_IN = 1800
# What a desk may have besides tickets and requesters, by path; this one has none of it.
EMPTY = {
    **{
        name: name
        for name in (
            *(
                "automations",
                "brands",
                "tags",
                "custom_roles",
                "group_memberships",
                "groups",
                "macros",
            ),
            *("organization_fields", "organization_memberships", "organizations", "user_fields"),
            *("satisfaction_ratings", "ticket_audits", "ticket_fields", "ticket_forms", "triggers"),
        )
    },
    "slas/policies": "sla_policies",
    "incremental/organizations": "organizations",
    "channels/voice/phone_numbers": "phone_numbers",
    "incremental/ticket_metric_events": "ticket_metric_events",
    "deleted_tickets": "deleted_tickets",
}

CREDENTIALS = {
    "client_id": "sandbox-zendesk-client",
    "client_secret": "sandbox-zendesk-secret",
}


class Zendesk:
    """The fake platform: `/oauth/tokens` and `/api/v2/*`, with or without `.json`."""

    def __init__(self, world: World) -> None:
        self._world, self._tokens, self._given = world, set[str](), 0
        self._cache: tuple[Any, list[dict[str, Any]]] | None = None

    def expire(self) -> None:
        """Let the half hour of every token pass."""
        self._tokens.clear()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        text = "Number of allowed API requests per minute exceeded"
        bodies: dict[int, dict[str, Any]] = {
            401: {
                "error": "invalid_token",
                "error_description": "The access token provided is expired.",
            },
            403: {
                "error": {"title": "Forbidden", "message": "You do not have access to this page."}
            },
            429: {"error": "APIRateLimitExceeded", "description": text},
        }
        return Reply(bodies[status], status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        path = request.path.removesuffix(".json")
        if path == "/oauth/tokens":
            return self._token(request)
        if request.bearer is None:
            return Reply({"error": "Couldn't authenticate you"}, 401)
        if request.bearer not in self._tokens:
            text = "The access token provided is expired, revoked or malformed."
            return Reply({"error": "invalid_token", "error_description": text}, 401)
        route = path.removeprefix("/api/v2")
        reply = self._route(route, request)
        reply.headers |= {
            "X-Rate-Limit": "700",
            "X-Rate-Limit-Remaining": "699",
            "ratelimit-limit": "700",
            "ratelimit-remaining": "699",
            "ratelimit-reset": "60",
        }
        return reply

    def _route(self, route: str, request: Request) -> Reply:
        if route == "/incremental/tickets/cursor":
            return self._export("tickets", self._tickets(), request)
        if route == "/incremental/users/cursor":
            rows = Rows(self._world.company, cutoff(self._world.clock.day))
            return self._export("users", rows.users(), request)
        single = re.fullmatch(r"/tickets/(\d+)/metrics", route)
        if single:
            found = [t for t in self._tickets() if t["id"] == int(single[1])]
            if found:
                return Reply({"ticket_metric": found[0]["metric_set"]})
        if route == "/search":
            return self._search(request.params.get("query", ""))
        if route.strip("/") in EMPTY:
            return Reply({EMPTY[route.strip("/")]: [], **_last_page(0)})
        return Reply({"error": "RecordNotFound", "description": "Not found"}, 404)

    def _search(self, query: str) -> Reply:
        """Answer a search for users or tickets by the time of their last change, one page."""
        rows = Rows(self._world.company, cutoff(self._world.clock.day))
        found = rows.users() if "type:user" in query else self._tickets()
        kind = "user" if "type:user" in query else "ticket"
        for sign, text in re.findall(r"updated([<>])(\S+)", query):
            found = [row for row in found if (row["updated_at"] > text) is (sign == ">")]
        results = [{**row, "result_type": kind} for row in found[:100]]
        return Reply({"results": results, **_last_page(len(found))})

    def _token(self, request: Request) -> Reply:
        form = request.form or {}
        if not form.get("client_id") and isinstance(request.json, dict):
            form = request.json
        secrets = self._world.secrets
        good = form.get("client_id") == secrets["BEYOND_LIKES_ZENDESK_CLIENT_ID"]
        good = good and form.get("client_secret") == secrets["BEYOND_LIKES_ZENDESK_CLIENT_SECRET"]
        if request.method != "POST" or not good:
            return Reply({"error": "invalid_client", "error_description": "Invalid client"}, 401)
        if form.get("grant_type") != "client_credentials":
            return Reply({"error": "unsupported_grant_type"}, 400)
        self._given += 1
        token = f"sandbox-zendesk-access-{self._given}"
        self._tokens.add(token)
        body = {"access_token": token, "token_type": "bearer", "scope": "read"}
        return Reply(body | {"expires_in": EXPIRES_IN})

    def _tickets(self) -> list[dict[str, Any]]:
        """Return all tickets as of the clock's day in order of their last change."""
        day = self._world.clock.day
        if self._cache is None or self._cache[0] != day:
            found = Rows(self._world.company, cutoff(day)).tickets()
            found.sort(key=lambda t: (t["generated_timestamp"], t["id"]))
            self._cache = (day, found)
        return self._cache[1]

    def _export(self, name: str, rows: list[dict[str, Any]], request: Request) -> Reply:
        """Answer one page of an incremental export: everything after a time or a cursor."""
        params = request.params
        size = int(params.get("per_page", "100") or 0)
        if not 1 <= size <= 1000:
            return _invalid("per_page must be between 1 and 1000")
        after = self._position(params)
        if isinstance(after, Reply):
            return after
        if params.get("exclude_deleted") == "true":
            rows = [row for row in rows if row.get("status") != "deleted"]
        left = [row for row in rows if (row["generated_timestamp"], row["id"]) > after]
        page = [dict(row) for row in left[:size]]
        if "metric_sets" not in params.get("include", ""):
            for row in page:
                row.pop("metric_set", None)
        last = page[-1] if page else None
        point = (last["generated_timestamp"], last["id"]) if last else after
        cursor = base64.b64encode(f"{float(point[0])}||{point[1]}".encode()).decode()
        url = f"{request.base}{request.path}?{urlencode({**_kept(params), 'cursor': cursor})}"
        body = {
            name: page,
            "after_url": url,
            "after_cursor": cursor,
            "before_url": None,
            "before_cursor": None,
            "end_of_stream": len(left) <= size,
        }
        keys = ("id", "generated_timestamp", "created_at")
        reply = Reply(body, records=page, key_fields=keys)
        if not body["end_of_stream"]:
            reply.next_url, reply.set_next = url, lambda other: _move(body, other)
        return reply

    def _position(self, params: dict[str, str]) -> tuple[float, int] | Reply:
        """Return the point after which rows are wanted, or the error of a bad one."""
        if "cursor" in params:
            try:
                text = base64.b64decode(params["cursor"], validate=True).decode()
                moment, _, number = text.partition("||")
                return float(moment), int(number)
            except ValueError:
                return _invalid("cursor is not valid")
        start = params.get("start_time", "")
        if not re.fullmatch(r"\d+(\.\d+)?", start):
            return _invalid("start_time is missing")
        if float(start) > (self._world.clock.now - timedelta(seconds=60)).timestamp():
            text = "Too recent start_time. Use a start_time older than 60 seconds"
            return Reply({"error": "StartTimeTooRecent", "description": text}, 422)
        return float(start) - 1, 10**13


def _last_page(count: int) -> dict[str, Any]:
    """Return what stands beside a list that ends here, for both kinds of paging."""
    cursors = {"meta": {"has_more": False}, "links": {"next": None, "prev": None}}
    return {**cursors, "count": count, "next_page": None, "previous_page": None}


def _kept(params: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in params.items() if k in ("per_page", "exclude_deleted")}


def _move(body: dict[str, Any], url: str) -> None:
    """Let the export point elsewhere; the same page again when the link leads to itself."""
    body["after_url"] = url
    found = re.search(r"[?&]cursor=([^&]*)", url)
    if found:
        body["after_cursor"] = found[1].replace("%3D", "=")


def _invalid(text: str) -> Reply:
    return Reply({"error": "RecordInvalid", "description": text, "details": {}}, 422)


PLATFORM = Zendesk
