"""Freshdesk API v2: tickets with what is included, satisfaction ratings, the fields of a ticket.

Source: developers.freshdesk.com/api and its working clients, read 2026-11. Bare arrays; the next
page is in the Link header; pages beyond 300 and unknown parameters are refused.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.company import cutoff
from sandbox.servers.freshdesk_rows import OPEN, SOURCES, Rows
from sandbox.servers.wire import Reply, Request, World, as_moment, iso

LAST_PAGE = 300
INCLUDES = ("company", "description", "requester", "stats", "survey")
ORDERS = ("created_at", "due_by", "status", "updated_at")
FILTERS = ("deleted", "new_and_my_open", "spam", "watching")
PAGING = ("page", "per_page")
TICKET_QUERY = (
    *PAGING,
    *("company_id", "email", "filter", "include", "order_by", "order_type"),
    *("requester_id", "unique_external_id", "updated_since"),
)
EXTRA = ("description", "description_text", "requester", "stats")
LANGUAGES = ("help_widget_languages", "portal_languages", "supported_languages")

CREDENTIALS = {"api_key": "sandbox-freshdesk-key"}


class BadQueryError(Exception):
    """A parameter that v2 answers with 400: its name and the reason."""

    def __init__(self, field: str, message: str, code: str = "invalid_value") -> None:
        super().__init__(message)
        self.error = {"field": field, "message": message, "code": code}


class Freshdesk:
    """The fake platform: `/api/v2/*`."""

    def __init__(self, world: World) -> None:
        key = world.secrets["BEYOND_LIKES_FRESHDESK_API_KEY"]
        self._world, self._key, self._calls = world, key, 0
        self._cache = dict[Any, list[dict[str, Any]]]()

    def expire(self) -> None:
        """Let the agent reset the key."""
        self._key = ""

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        words = {
            401: ("invalid_credentials", "You have to be logged in to perform this action."),
            403: ("access_denied", "You are not authorized to perform this action."),
            429: ("too_many_requests", "You have exceeded the limit of requests per minute"),
        }
        code, message = words[status]
        return Reply({"code": code, "message": message}, status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if not self._key or _user(request) != self._key:
            return self.refusal(401)
        self._calls += 1
        try:
            reply = self._route(request.path.removeprefix("/api/v2/"), request)
        except BadQueryError as error:
            reply = Reply({"description": "Validation failed", "errors": [error.error]}, 400)
        used = 1 + len([one for one in request.params.get("include", "").split(",") if one])
        reply.headers |= {
            "X-Freshdesk-API-Version": "latest=v2; requested=v2",
            "X-RateLimit-Total": "700",
            "X-RateLimit-Remaining": str(700 - self._calls % 500),
            "X-RateLimit-Used-CurrentRequest": str(used),
        }
        return reply

    def _route(self, path: str, request: Request) -> Reply:
        if request.method != "GET":
            return Reply({"message": f"{request.method} method is not allowed"}, 405)
        if path == "tickets":
            return self._tickets(request)
        if path == "surveys/satisfaction_ratings":
            return self._ratings(request)
        if path == "ticket_fields":
            return Reply(_fields())
        if path == "settings/helpdesk":
            return Reply({"primary_language": "en"} | {name: [] for name in LANGUAGES})
        single = re.fullmatch(r"tickets/(\d+)", path)
        for row in self._rows("tickets") if single else []:
            if single and row["id"] == int(single[1]):
                kept = _includes(request.params.get("include", ""))
                return Reply(_shown(row, ["description", "description_text", *kept]))
        return Reply(b"", 404)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Return all tickets or ratings as of the clock's day."""
        key = (name, self._world.clock.day)
        if key not in self._cache:
            if len(self._cache) > 4:
                self._cache.clear()
            rows = Rows(self._world.company, cutoff(self._world.clock.day))
            self._cache[key] = rows.tickets() if name == "tickets" else rows.ratings()
        return self._cache[key]

    def _tickets(self, request: Request) -> Reply:
        params = request.params
        _check(params, TICKET_QUERY)
        rows = _filtered(self._rows("tickets"), params)
        if "updated_since" in params:
            since = _time("updated_since", params["updated_since"])
            rows = [row for row in rows if row["updated_at"] >= since]
        elif "filter" not in params:
            since = iso(self._world.clock.now - timedelta(days=30), millis=False) or ""
            rows = [row for row in rows if row["created_at"] >= since]
        order = _choice(params, "order_by", ORDERS, "created_at")
        down = _choice(params, "order_type", ("asc", "desc"), "desc") == "desc"
        rows = sorted(rows, key=lambda row: (row[order], row["id"]), reverse=down)
        kept = _includes(params.get("include", ""))
        return _page(request, rows, lambda row: _shown(row, kept))

    def _ratings(self, request: Request) -> Reply:
        params = request.params
        _check(params, (*PAGING, "created_since", "user_id"))
        rows = self._rows("ratings")
        if "created_since" in params:
            since = _time("created_since", params["created_since"])
            rows = [row for row in rows if row["created_at"] >= since]
        if "user_id" in params:
            rows = [row for row in rows if str(row["user_id"]) == params["user_id"]]
        return _page(request, rows, dict)


def _user(request: Request) -> str:
    """Return the user of basic credentials; the password is any."""
    kind, _, pair = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(pair, validate=True).decode()
    except ValueError:
        return ""
    return decoded.partition(":")[0] if kind.lower() == "basic" else ""


def _check(params: dict[str, str], known: Sequence[str]) -> None:
    for name in params:
        if name not in known:
            raise BadQueryError(name, "Unexpected/invalid field in request", "invalid_field")


def _choice(params: dict[str, str], name: str, known: Sequence[str], usual: str) -> str:
    value = params.get(name, usual)
    if value not in known:
        raise BadQueryError(name, f"It should be one of these values: '{','.join(known)}'")
    return value


def _time(name: str, text: str) -> str:
    """Return a time as the rows write it, so that both compare to the second."""
    try:
        return iso(as_moment(text), millis=False) or ""
    except ValueError:
        message = "It should be in the 'combined date and time ISO8601' format"
        raise BadQueryError(name, message, "invalid_date") from None


def _filtered(rows: list[dict[str, Any]], params: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of a list; deleted tickets and spam are in no list but their own."""
    name = _choice(params, "filter", (*FILTERS, ""), "")
    if name in ("deleted", "spam"):
        rows = [row for row in rows if row.get(name)]
    else:
        rows = [row for row in rows if not row.get("deleted") and not row["spam"]]
    if name == "new_and_my_open":
        rows = [row for row in rows if row["status"] == OPEN]
    if name == "watching":
        rows = []
    if "requester_id" in params:
        rows = [row for row in rows if str(row["requester_id"]) == params["requester_id"]]
    if "email" in params:
        rows = [row for row in rows if row["requester"]["email"] == params["email"]]
    return rows


def _includes(text: str) -> list[str]:
    asked = [name for name in text.split(",") if name]
    for name in asked:
        if name not in INCLUDES:
            known = ",".join(INCLUDES)
            raise BadQueryError("include", f"It should be one of these values: '{known}'")
    return [*asked, "description_text"] if "description" in asked else asked


def _shown(row: dict[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in EXTRA or name in kept}
    if not shown.get("deleted"):
        shown.pop("deleted", None)
    return shown


def _number(params: dict[str, str], name: str, usual: int, most: int, message: str) -> int:
    value = params.get(name, str(usual))
    if not value.isdigit() or not 1 <= int(value) <= most:
        raise BadQueryError(name, message)
    return int(value)


def _page(
    request: Request, rows: list[dict[str, Any]], show: Callable[[dict[str, Any]], dict[str, Any]]
) -> Reply:
    """Answer one page, and where there is a next one say so in the Link header."""
    params = request.params
    whole = "It should be a Positive Integer less than or equal to 100"
    size = _number(params, "per_page", 30, 100, whole)
    beyond = (
        "You cannot access tickets beyond the 300th page. Please provide a smaller page number."
    )
    number = _number(params, "page", 1, LAST_PAGE, beyond)
    start = (number - 1) * size
    records = [show(row) for row in rows[start : start + size]]
    reply = Reply(records, records=records, key_fields=("id", "created_at", "updated_at"))
    if len(rows) > start + size:
        following = urlencode({**params, "page": str(number + 1)})
        _link(reply, f"{request.base}{request.path}?{following}")
    return reply


def _link(reply: Reply, url: str) -> None:
    def set_next(other: str) -> None:
        reply.headers["Link"] = f'<{other}>; rel="next"'

    set_next(url)
    reply.next_url, reply.set_next = url, set_next


def _fields() -> list[dict[str, Any]]:
    """Return the fields of a ticket; source names its choices by label, status by code."""
    status = {"2": ["Open", "Being Processed"], "3": ["Pending", "Awaiting your Reply"]}
    status |= {"4": ["Resolved", "This ticket has been Resolved"]}
    status |= {"5": ["Closed", "This ticket has been Closed"]}
    fields = (
        ("requester", "default_requester", None),
        ("subject", "default_subject", None),
        ("source", "default_source", SOURCES),
        ("status", "default_status", status),
    )
    return [_field(number, *field) for number, field in enumerate(fields, 1)]


def _field(number: int, name: str, kind: str, choices: Any) -> dict[str, Any]:
    field = {
        "id": 43_000_000_100 + number,
        "name": name,
        "label": name.capitalize(),
        "description": f"Ticket {name}",
        "position": number,
        "required_for_closure": False,
        "required_for_agents": True,
        "type": kind,
        "default": True,
        "customers_can_edit": False,
        "label_for_customers": name.capitalize(),
        "required_for_customers": False,
        "displayed_to_customers": False,
        "created_at": "2023-01-05T09:00:00Z",
        "updated_at": "2023-01-05T09:00:00Z",
    }
    return field | ({"choices": choices} if choices else {})


PLATFORM = Freshdesk
