"""Intercom REST API: search of conversations and contacts with cursors, single ones, lists.

Source: developers.intercom.com (2.14) and its official client, read 2026-11. Times are epoch
seconds; a conversation's date filter holds its bound too, a contact's counts whole days.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from sandbox.company import cutoff
from sandbox.servers.intercom_rows import Rows
from sandbox.servers.wire import Reply, Request, World

VERSIONS = (*(f"2.{number}" for number in range(7, 17)), "Unstable")
DAY = 86_400
MOST, DEEPEST, WIDEST = 150, 2, 15
SEARCHABLE = re.compile(
    r"id|created_at|updated_at|open|read|state|priority|waiting_since|snoozed_until|contact_ids"
    r"|tag_ids|admin_assignee_id|team_assignee_id|source\.\w+(\.\w+)?|statistics\.\w+"
    r"|conversation_rating\.\w+|email|email_domain|external_id|role|name|phone"
)
EQUAL = ("=", "!=", "IN", "NIN")
TEXTS: dict[str, Callable[[str, str], bool]] = {
    "~": lambda have, want: want in have,
    "!~": lambda have, want: want not in have,
    "^": str.startswith,
    "$": str.endswith,
}
NAMES = {"conversations": "conversation.list", "contacts": "list"}
KEYS = {"conversations": "conversations", "contacts": "data"}
USUAL = {"conversations": 20, "contacts": 50}

CREDENTIALS = {"access_token": "sandbox-intercom-token"}


class BadQueryError(Exception):
    """A search that the platform answers with 400; the text is the reason."""


class Intercom:
    """The fake platform."""

    def __init__(self, world: World) -> None:
        self._world, self._calls = world, 0
        self._token = world.secrets["BEYOND_LIKES_INTERCOM_ACCESS_TOKEN"]
        self._cache = dict[Any, list[dict[str, Any]]]()

    def expire(self) -> None:
        """Let an admin take the token back: it does not end by itself."""
        self._token = ""

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        words = {
            401: ("unauthorized", "Access Token Invalid"),
            403: ("api_plan_restricted", "Active subscription needed."),
            429: ("rate_limit_exceeded", "The rate limit for the App has been exceeded"),
        }
        return _error(status, *words[status])

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if not self._token or request.bearer != self._token:
            return self.refusal(401)
        version = request.headers.get("intercom-version", VERSIONS[0])
        if version not in VERSIONS:
            text = "The requested version could not be found"
            return _error(400, "intercom_version_invalid", text)
        self._calls += 1
        try:
            reply = self._route(request.path.strip("/"), request)
        except BadQueryError as error:
            reply = _error(400, "parameter_invalid", str(error))
        reply.headers |= {
            "Intercom-Version": version,
            "X-RateLimit-Limit": "1666",
            "X-RateLimit-Remaining": str(1666 - self._calls % 1000),
            "X-RateLimit-Reset": str(int(self._world.clock.now.timestamp()) + 10),
        }
        return reply

    def _route(self, path: str, request: Request) -> Reply:
        name, _, rest = path.partition("/")
        if path == "me" and request.method == "GET":
            app = {"type": "app", "id_code": "sandbox", "region": "EU", "timezone": "Berlin"}
            return Reply({"type": "admin", "id": "991", "name": "Support", "app": app})
        if path == "tags" and request.method == "GET":
            return Reply({"type": "list", "data": []})
        if name in NAMES and rest == "search" and request.method == "POST":
            return self._search(name, request)
        if name in NAMES and not rest and request.method == "GET":
            params = request.params
            paging = {"per_page": params.get("per_page", USUAL[name])}
            if "starting_after" in params:
                paging["starting_after"] = params["starting_after"]
            return self._answer(name, self._rows(name), paging, {})
        found = [row for row in self._rows(name) if row["id"] == rest] if name in NAMES else []
        if found and request.method == "GET":
            return Reply(found[0])
        return _error(404, "not_found", "Resource Not Found")

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Return all conversations or contacts as of the clock's day."""
        key = (name, self._world.clock.day)
        if key not in self._cache:
            if len(self._cache) > 4:
                self._cache.clear()
            rows = Rows(self._world.company, cutoff(self._world.clock.day))
            found = rows.conversations() if name == "conversations" else rows.contacts()
            self._cache[key] = found
        return self._cache[key]

    def _search(self, name: str, request: Request) -> Reply:
        body = request.json
        if not isinstance(body, dict) or not isinstance(body.get("query"), dict):
            raise BadQueryError("query is missing")
        rows = [row for row in self._rows(name) if _passes(row, body["query"], name, 1)]
        return self._answer(name, rows, body.get("pagination") or {}, body.get("sort") or {})

    def _answer(
        self,
        name: str,
        rows: list[dict[str, Any]],
        paging: dict[str, Any],
        sort: dict[str, Any],
    ) -> Reply:
        """Answer one page in the order asked for, usually the newest change first."""
        size = str(paging.get("per_page", USUAL[name]))
        if not size.isdigit() or not 1 <= int(size) <= MOST:
            raise BadQueryError(f"per_page must be between 1 and {MOST}")
        field, down = sort.get("field", "updated_at"), sort.get("order", "descending")
        if field not in ("created_at", "updated_at") or down not in ("ascending", "descending"):
            raise BadQueryError("sort is not valid")
        sign = -1 if down == "descending" else 1
        points = sorted(((sign * row[field], row["id"]), row) for row in _unique(rows))
        after = _point(paging.get("starting_after"))
        left = [row for point, row in points if after is None or point > after]
        page = [dict(row) for row in left[: int(size)]]
        number = (len(points) - len(left)) // int(size) + 1
        pages = {
            "type": "pages",
            "page": number,
            "per_page": int(size),
            "total_pages": -(-len(points) // int(size)),
            "next": None,
        }
        if len(left) > len(page):
            cursor = _cursor((sign * page[-1][field], page[-1]["id"]))
            pages["next"] = {"per_page": int(size), "starting_after": cursor}
        body = {"type": NAMES[name], KEYS[name]: page, "total_count": len(points), "pages": pages}
        return Reply(body, records=page, key_fields=("id", "created_at", "updated_at", "source"))


def _unique(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({row["id"]: row for row in rows}.values())


def _passes(row: dict[str, Any], query: dict[str, Any], name: str, depth: int) -> bool:
    """Tell whether a row passes a filter, or a group of them joined by AND or OR."""
    word, value = query.get("operator"), query.get("value")
    if word not in ("AND", "OR"):
        return _passes_one(row, query, name)
    if not isinstance(value, list) or len(value) > WIDEST or depth > DEEPEST:
        raise BadQueryError(f"At most {WIDEST} filters in a group and {DEEPEST} levels")
    found = [_passes(row, one, name, depth + 1) for one in value]
    return all(found) if word == "AND" else any(found)


def _passes_one(row: dict[str, Any], one: dict[str, Any], name: str) -> bool:
    field, word, want = str(one.get("field")), one.get("operator"), one.get("value")
    if not SEARCHABLE.fullmatch(field):
        raise BadQueryError(f"{field} is not a searchable field")
    have = _value(row, field)
    if word in EQUAL:
        wanted = want if isinstance(want, list) else [want]
        if (word in ("IN", "NIN")) is not isinstance(want, list):
            raise BadQueryError(f"{word} does not fit the value")
        inside = any(one in wanted for one in have) if isinstance(have, list) else have in wanted
        return inside is (word in ("=", "IN"))
    if word in TEXTS and isinstance(want, str):
        return isinstance(have, str) and TEXTS[word](have, want)
    if word in (">", "<") and isinstance(want, int):
        if not isinstance(have, int):
            return False
        if name == "contacts":
            have, want = have // DAY, want // DAY
            return have > want if word == ">" else have < want
        return have >= want if word == ">" else have <= want
    raise BadQueryError(f"{word} does not fit {field}")


def _value(row: dict[str, Any], field: str) -> Any:
    if field == "contact_ids":
        return [one["id"] for one in row["contacts"]["contacts"]]
    if field == "tag_ids":
        return [one["id"] for one in row["tags"]["tags"]]
    value: Any = row
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _cursor(point: tuple[int, str]) -> str:
    return base64.b64encode(json.dumps(point).encode()).decode()


def _point(cursor: Any) -> tuple[int, str] | None:
    if cursor is None:
        return None
    try:
        moment, number = json.loads(base64.b64decode(str(cursor), validate=True))
        return int(moment), str(number)
    except ValueError:
        raise BadQueryError("starting_after is not valid") from None


def _error(status: int, code: str, message: str) -> Reply:
    errors = [{"code": code, "message": message}]
    body = {"type": "error.list", "request_id": "b14d0sandbox", "errors": errors}
    return Reply(body, status)


PLATFORM = Intercom
