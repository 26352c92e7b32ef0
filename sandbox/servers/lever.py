"""Lever Data API v1: opportunities newest change first, offsets as tokens, a feed of deletions.

Source: hire.lever.co/developer/documentation and its working clients, read 2026-11.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sandbox.company import cutoff
from sandbox.servers.lever_rows import Rows, archive_reasons, postings, stages
from sandbox.servers.wire import Reply, Request, World

SPANS = {
    "updated_at": "updatedAt",
    "created_at": "createdAt",
    "advanced_at": "lastAdvancedAt",
    "deleted_at": "deletedAt",
    "archived_at": "archivedAt",
}
SAME = {"stage_id": "stage", "origin": "origin", "contact_id": "contact", "type": "type"}
AMONG = {"source": "sources", "tag": "tags", "email": "emails"}
SECRET = "BEYOND_LIKES_LEVER_API_KEY"


class BadRequestError(Exception):
    """A query that Lever answers with 400; the text is the message."""


CREDENTIALS = {"api_key": "sandbox-lever-key"}


class Lever:
    """The fake platform: `/v1/*`."""

    def __init__(self, world: World) -> None:
        self._world, self._cache = world, dict[Any, list[dict[str, Any]]]()
        pair = f"{world.secrets[SECRET]}:"
        self._wanted = "Basic " + base64.b64encode(pair.encode()).decode()

    def expire(self) -> None:
        """A key never runs out."""

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        words = {
            401: ("Unauthorized", "Invalid API key"),
            403: ("Forbidden", "This key does not have access to this endpoint"),
            429: ("TooManyRequests", "Rate limit exceeded"),
        }
        return _error(status, *words[status])

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.headers.get("authorization") != self._wanted:
            return self.refusal(401)
        path = request.path.removeprefix("/v1/").strip("/")
        if not request.path.startswith("/v1/") or request.method != "GET":
            return _error(404, "ResourceNotFound", "Not found")
        try:
            return self._route(path, request)
        except BadRequestError as error:
            return _error(400, "BadRequestError", str(error))

    def _route(self, path: str, request: Request) -> Reply:
        lists: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "opportunities": lambda: self._rows("opportunities"),
            "opportunities/deleted": lambda: self._rows("deleted"),
            "stages": stages,
            "archive_reasons": archive_reasons,
            "postings": lambda: postings(cutoff(self._world.company.first)),
            "sources": self._sources,
        }
        if path in lists:
            return _list(lists[path](), request)
        one = re.fullmatch(r"opportunities/([0-9a-f-]{36})(/applications)?", path)
        found = [row for row in self._rows("opportunities") if one and row["id"] == one[1]]
        if not one or not found:
            return _error(404, "ResourceNotFound", "Not found")
        if one[2]:
            return _list(found[0]["applications"], request)
        return Reply({"data": _expanded(found[0], request.params)})

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Return a list as of the clock's day, the newest change first."""
        key = (name, self._world.clock.day)
        if key not in self._cache:
            if len(self._cache) > 4:
                self._cache.clear()
            rows = getattr(Rows(self._world.company, cutoff(self._world.clock.day)), name)()
            self._cache[key] = sorted(rows, key=_place, reverse=True)
        return self._cache[key]

    def _sources(self) -> list[dict[str, Any]]:
        counts = dict[str, int]()
        for row in self._rows("opportunities"):
            for text in row["sources"]:
                counts[text] = counts.get(text, 0) + 1
        return [{"text": text, "count": counts[text]} for text in sorted(counts)]


def _list(rows: list[dict[str, Any]], request: Request) -> Reply:
    """Answer one page; the offset is the place of the last row, encoded for a URL already."""
    params = request.params
    limit = params.get("limit", "100")
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise BadRequestError("limit must be between 1 and 100")
    rows = [row for row in rows if _wanted(row, params)]
    start = 0
    if "offset" in params:
        last = _decoded(params["offset"])
        start = next((n for n, row in enumerate(rows, 1) if list(_place(row)) == last), 0)
        if not start:
            start = sum(list(_place(row)) >= last for row in rows)
    page = [_expanded(row, params) for row in rows[start : start + int(limit)]]
    more = len(rows) > start + int(limit)
    body: dict[str, Any] = {"data": page, "hasNext": more}
    reply = Reply(body, records=page)
    if more:
        token = json.dumps(_place(rows[start + int(limit) - 1]), separators=(",", ":"))
        body["next"] = quote(token, safe="")
        query = urlencode({**params, "offset": token})
        reply.next_url = f"{request.base}{request.path}?{query}"
        reply.set_next = lambda url: _lead(body, url)
    return reply


def _lead(body: dict[str, Any], url: str) -> None:
    """Let the next page be the one that `url` asks for; the first page has no token."""
    offset = dict(parse_qsl(urlsplit(url).query)).get("offset")
    if offset is not None:
        body["next"] = quote(unquote(offset), safe="")


def _place(row: dict[str, Any]) -> tuple[int, str]:
    """Return where a row stands in its list."""
    at = row.get("updatedAt", row.get("deletedAt", row.get("createdAt", 0)))
    return at, str(row.get("id", row.get("text")))


def _decoded(offset: str) -> list[Any]:
    """Return the place in a token, whether a client encodes it once more or not."""
    try:
        found = json.loads(unquote(offset))
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != 2:
        raise BadRequestError("Invalid offset token")
    return found


def _wanted(row: dict[str, Any], params: dict[str, str]) -> bool:
    """Tell whether a row passes every filter of the query; what is no filter is ignored."""
    return all(_passes(row, name, value) for name, value in params.items())


def _passes(row: dict[str, Any], name: str, value: str) -> bool:
    if name in SAME:
        return bool(row.get(SAME[name]) == value)
    if name in AMONG:
        return value in row.get(AMONG[name], ())
    if name == "posting_id":
        return value in [application["posting"] for application in row.get("applications", ())]
    if name == "archived":
        return (row.get("archived") is not None) == (value == "true")
    if name == "confidentiality":
        return value != "confidential"  # the company has none
    kind, _, side = name.rpartition("_")
    if kind in SPANS and side in ("start", "end"):
        return _in_span(row, kind, side, value)
    return True


def _in_span(row: dict[str, Any], kind: str, side: str, value: str) -> bool:
    if not value.isdigit():
        raise BadRequestError(f"{kind}_{side} must be a timestamp in milliseconds")
    holder = row.get("archived") or {} if kind == "archived_at" else row
    at = holder.get(SPANS[kind])
    if at is None:
        return False
    return bool(at >= int(value) if side == "start" else at <= int(value))


def _expanded(row: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
    """Return the row with ids for the applications and the stage, unless they are asked for."""
    asked = params.get("expand", "").split(",")
    shown = dict(row)
    if "applications" not in asked and "applications" in row:
        shown["applications"] = [application["id"] for application in row["applications"]]
    if "stage" in asked and "stage" in row:
        shown["stage"] = next(stage for stage in stages() if stage["id"] == row["stage"])
    return shown


def _error(status: int, code: str, message: str) -> Reply:
    return Reply({"code": code, "message": message}, status)


PLATFORM = Lever
