"""Greenhouse Harvest v3: bare arrays, cursors in the Link header, newest id first.

Source: harvestdocs.greenhouse.io (v3) and its working clients, read 2026-11.
"""

from __future__ import annotations

import base64
import json
import operator
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from sandbox.company import cutoff
from sandbox.servers.greenhouse_rows import Rows
from sandbox.servers.wire import Reply, Request, World, as_moment

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
DATES = ("created_at", "updated_at", "last_activity_at", "resolved_at", "submitted_at")
IDS = {
    "ids": "id",
    "application_ids": "application_id",
    "candidate_ids": "candidate_id",
    "job_ids": "job_id",
    "source_ids": "source_id",
    "stage_ids": "stage_id",
    "job_interview_stage_ids": "job_interview_stage_id",
}
FLAGS = ("prospect", "current", "active", "private")
LISTS = (
    "applications",
    "application_stages",
    "job_interview_stages",
    "jobs",
    "offers",
    "sources",
    "candidates",
    "openings",
)


class BadQueryError(Exception):
    """A query that v3 answers with 422; the text is the reason."""


CREDENTIALS = {
    "client_id": "sandbox-greenhouse-client",
    "client_secret": "sandbox-greenhouse-secret",
}
SETTINGS = {"token_url": "{url}/token"}


class Greenhouse:
    """The fake platform: `/token` and `/v3/*`."""

    def __init__(self, world: World) -> None:
        self._world, self._tokens, self._calls = world, set[str](), 0
        self._given, self._cache = 0, dict[Any, list[dict[str, Any]]]()

    def expire(self) -> None:
        """Let the hour of every token pass."""
        self._tokens.clear()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        text = {401: "Unauthorized", 403: "Forbidden", 429: "Rate limit exceeded"}[status]
        headers = {"X-RateLimit-Remaining": "0"} if status == 429 else {}
        return Reply({"errors": [text]}, status, headers)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path in ("/token", "/auth/token", "/oauth/token"):
            return self._token(request)
        if request.bearer not in self._tokens:
            return Reply({"errors": ["Unauthorized"]}, 401)
        name = request.path.removeprefix("/v3/")
        if name not in LISTS or not request.path.startswith("/v3/"):
            return Reply({"message": "Resource not found"}, 404)
        try:
            reply = self._list(name, request)
        except BadQueryError as error:
            return Reply({"errors": [str(error)]}, 422)
        self._calls += 1
        reply.headers |= {
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": str(5000 - self._calls % 1000),
            "X-RateLimit-Reset": str(int(self._world.clock.now.timestamp()) + 30),
        }
        return reply

    def _token(self, request: Request) -> Reply:
        secrets = self._world.secrets
        names = ("BEYOND_LIKES_GREENHOUSE_CLIENT_ID", "BEYOND_LIKES_GREENHOUSE_CLIENT_SECRET")
        pair = ":".join(secrets[name] for name in names)
        wanted = "Basic " + base64.b64encode(pair.encode()).decode()
        if request.method != "POST" or request.headers.get("authorization") != wanted:
            return Reply({"error": "invalid_client"}, 401)
        if request.form.get("grant_type") != "client_credentials":
            return Reply({"error": "unauthorized_client"}, 400)
        self._given += 1
        token = f"eyJhbGciOi.sandbox.{self._given}"
        self._tokens.add(token)
        until = (self._world.clock.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S%z")
        body = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        return Reply(body | {"expires_at": until})

    def _list(self, name: str, request: Request) -> Reply:
        """Answer one page; a cursor carries the whole query and stands alone."""
        given = dict(parse_qsl(request.query, keep_blank_values=True))
        if "cursor" in given:
            if len(given) > 1:
                raise BadQueryError("When passing a cursor, do not include other query params.")
            given, below = _decode(given["cursor"], name)
        else:
            below = None
        size = given.get("per_page", "100")
        if not size.isdigit() or not 1 <= int(size) <= 500:
            raise BadQueryError("per_page must be between 1 and 500")
        rows = [row for row in self._rows(name) if _wanted(row, given)]
        if below is not None:
            rows = [row for row in rows if row["id"] < below]
        page = rows[: int(size)]
        records = [_fields(row, given.get("fields")) for row in page]
        reply = Reply(records, records=records, key_fields=("id", "application_id"))
        if len(rows) > int(size):
            state = {"name": name, "below": page[-1]["id"], "query": given}
            cursor = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
            _link(reply, f"{request.base}{request.path}?cursor={cursor}")
        return reply

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Return all rows of a list as of the clock's day, newest id first."""
        key = (name, self._world.clock.day)
        if key not in self._cache:
            if len(self._cache) > len(LISTS):
                self._cache.clear()
            rows = Rows(self._world.company, cutoff(self._world.clock.day))
            found = getattr(rows, name)()
            self._cache[key] = sorted(found, key=lambda row: -row["id"])
        return self._cache[key]


def _link(reply: Reply, url: str) -> None:
    def set_next(other: str) -> None:
        reply.headers["Link"] = f'<{other}>; rel="next"'

    set_next(url)
    reply.next_url, reply.set_next = url, set_next


def _decode(cursor: str, name: str) -> tuple[dict[str, str], int]:
    try:
        state = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise BadQueryError("Invalid cursor") from None
    if state["name"] != name:
        raise BadQueryError("Invalid cursor")
    return state["query"], state["below"]


def _fields(row: dict[str, Any], fields: str | None) -> dict[str, Any]:
    if not fields:
        return {name: value for name, value in row.items() if not name.startswith("_")}
    return {name: row[name] for name in fields.split(",") if name in row}


def _wanted(row: dict[str, Any], query: dict[str, str]) -> bool:
    """Tell whether a row passes every filter of the query."""
    for name, value in query.items():
        if name in DATES and not _in_dates(row.get(name), value):
            return False
        if name in IDS:
            ids = value.split(",")
            if len(ids) > 50:
                raise BadQueryError(f"{name} takes at most 50 ids")
            if str(row.get(IDS[name])) not in ids:
                return False
        if name in FLAGS and row.get(name) is not (value == "true"):
            return False
        if name == "status" and row.get(name) != ("in_process" if value == "active" else value):
            return False
        if name == "current_only" and value == "true" and not row.get("_current"):
            return False
    return True


def _in_dates(text: str | None, value: str) -> bool:
    """Tell whether a time lies in a filter such as `gte|2026-01-01T00:00:00.000Z|lte|...`."""
    parts = value.split("|")
    if len(parts) % 2 or not all(word in OPERATORS for word in parts[::2]):
        raise BadQueryError(f"Invalid date filter {value}")
    if text is None:
        return False
    try:
        bounds = [as_moment(bound) for bound in parts[1::2]]
    except ValueError:
        raise BadQueryError(f"Invalid date filter {value}") from None
    moment = as_moment(text)
    pairs = zip(parts[::2], bounds, strict=True)
    return all(OPERATORS[word](moment, bound) for word, bound in pairs)


PLATFORM = Greenhouse
