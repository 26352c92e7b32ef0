"""Personio Recruiting v2: newest change first, next page as a link, stage history by application.

Source: developer.personio.de (v2), its component specification and working clients, read 2026-11.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.company import cutoff
from sandbox.servers.personio_rows import Rows, categories, jobs
from sandbox.servers.wire import Reply, Request, World, as_moment

ROOT = "/v2/recruiting/"
SCOPE = "personio:recruiting:read"
LISTS = ("applications", "candidates", "jobs", "categories")
FILTERS = ("updated_at.gt", "updated_at.lt", "candidate.email")
DAY_SECONDS = 86_400
PREFIX = "BEYOND_LIKES_PERSONIO_"
TITLES = {
    400: ("Bad request", "invalid_request"),
    401: ("Unauthorized", "unauthorized"),
    403: ("Forbidden", "forbidden"),
    404: ("Not found", "requested_resource_not_found"),
    429: ("Too many requests", "too_many_requests"),
}


class BadRequestError(Exception):
    """A query that Personio answers with 400; the text is the detail."""


CREDENTIALS = {
    "client_id": "papi-sandbox-client",
    "client_secret": "papi-sandbox-secret",
}
SETTINGS = {"token_url": "{url}/v2/auth/token", "calls_per_minute": 1_000_000}


class Personio:
    """The fake platform: `/v2/auth/*` and `/v2/recruiting/*`."""

    def __init__(self, world: World) -> None:
        self._world, self._tokens, self._given = world, set[str](), 0
        self._cache = dict[Any, list[dict[str, Any]]]()

    def expire(self) -> None:
        """Let the day of every token pass."""
        self._tokens.clear()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        return _error(status, TITLES[status][0])

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path == "/v2/auth/token":
            return self._token(request)
        if request.bearer not in self._tokens:
            return self.refusal(401)
        if request.path == "/v2/auth/revoke" and request.method == "POST":
            self._tokens.discard(str(request.bearer))
            return Reply({})
        if request.method != "GET" or not request.path.startswith(ROOT):
            return self.refusal(404)
        try:
            return self._route(request)
        except BadRequestError as error:
            return _error(400, str(error))

    def _token(self, request: Request) -> Reply:
        form, secrets = request.form, self._world.secrets
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            return Reply({"error": "unsupported_grant_type"}, 400)
        names = ("client_id", "client_secret")
        if any(form.get(name) != secrets[f"{PREFIX}{name.upper()}"] for name in names):
            return Reply({"error": "invalid_client"}, 401)
        self._given += 1
        token = f"papi-sandbox-{self._given}"
        self._tokens.add(token)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": DAY_SECONDS}
        return Reply(body | {"scope": form.get("scope", SCOPE)})

    def _route(self, request: Request) -> Reply:
        name, _, rest = request.path.removeprefix(ROOT).partition("/")
        if name not in LISTS:
            return self.refusal(404)
        rows = self._rows(name)
        if not rest:
            return _list(rows, request)
        found = re.fullmatch(r"(\d+)(/stage-transitions)?", rest)
        one = next((row for row in rows if found and row["id"] == found[1]), None)
        if one is None or found is None or (found[2] and name != "applications"):
            return self.refusal(404)
        if found[2]:
            return _list(one["_history"], request, ("stage", "entered_at"))
        return Reply({"_data": _shown(one)})

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Return a list as of the clock's day, the newest change first."""
        key, end = (name, self._world.clock.day), cutoff(self._world.clock.day)
        if key not in self._cache:
            if len(self._cache) > len(LISTS):
                self._cache.clear()
            company = self._world.company
            if name == "jobs":
                rows = jobs(cutoff(company.first))
            elif name == "categories":
                rows = categories(end)
            else:
                rows = getattr(Rows(company, end), name)()
            rows.sort(key=lambda row: (row["_changed"], int(row["id"])), reverse=True)
            self._cache[key] = rows
        return self._cache[key]


def _list(rows: list[dict[str, Any]], request: Request, keys: tuple[str, ...] = ("id",)) -> Reply:
    """Answer one page; a cursor carries the filters and how far the reader has come."""
    params = request.params
    limit = params.get("limit", "100")
    if not limit.isdigit() or not 1 <= int(limit) <= 200:
        raise BadRequestError("limit must be between 1 and 200")
    filters, start = {name: params[name] for name in FILTERS if name in params}, 0
    if "cursor" in params:
        filters, start = _decoded(params["cursor"])
    rows = [row for row in rows if _wanted(row, filters)]
    page = [_shown(row) for row in rows[start : start + int(limit)]]
    here = f"{request.base}{request.path}"
    links: dict[str, Any] = {"self": {"href": f"{here}?{request.query}".rstrip("?")}}
    body = {"_data": page, "_meta": {"links": links}}
    reply = Reply(body, records=page, key_fields=keys)
    if len(rows) > start + int(limit):
        state = {"filters": filters, "start": start + int(limit)}
        cursor = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
        reply.next_url = f"{here}?{urlencode({'limit': limit, 'cursor': f'cur_{cursor}'})}"
        reply.set_next = lambda url: links.update(next={"href": url})
        reply.set_next(reply.next_url)
    return reply


def _decoded(cursor: str) -> tuple[dict[str, str], int]:
    try:
        state = json.loads(base64.urlsafe_b64decode(cursor.removeprefix("cur_")))
        return state["filters"], state["start"]
    except (ValueError, KeyError, TypeError):
        raise BadRequestError("cursor is invalid") from None


def _wanted(row: dict[str, Any], filters: dict[str, str]) -> bool:
    """Tell whether a row passes every filter; both ends of a span are left out."""
    for name, value in filters.items():
        if name == "candidate.email":
            if row.get("candidate", row)["email"] != value:
                return False
        elif not _in_span(row["_changed"], name, value):
            return False
    return True


def _in_span(changed: datetime, name: str, value: str) -> bool:
    try:
        bound = as_moment(value)
    except ValueError:
        raise BadRequestError(f"{name} must be a date-time") from None
    return changed > bound if name.endswith(".gt") else changed < bound


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def _error(status: int, detail: str) -> Reply:
    title, code = TITLES[status]
    return Reply(
        {
            "personio_trace_id": "0000000000000000sandbox",
            "timestamp": "2026-05-28T11:17:30.000Z",
            "errors": [
                {
                    "title": title,
                    "detail": detail,
                    "type": f"https://developer.personio.de/reference/errors#common.{code}",
                    "_meta": {},
                }
            ],
        },
        status,
    )


PLATFORM = Personio
