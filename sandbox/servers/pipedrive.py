"""Pipedrive: persons, deals and field definitions of API v2, the leads inbox of API v1.

Source: developers.pipedrive.com, read 2026-11. The v1 lists of persons and deals ended in July.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from sandbox.company import cutoff
from sandbox.servers.pipedrive_rows import LEAD_LABELS, Rows, definitions
from sandbox.servers.wire import Reply, Request, World, as_moment

CREDENTIALS = {"api_token": "5andb0x5andb0x5andb0x5andb0x5andb0x5andb0"}
MOST, USUAL = 500, 100
CUSTOM_FIELDS = 15
COMMON = {"api_token", "limit", "cursor"}
LISTS = {"sort_by", "sort_direction", "filter_id", "ids", "owner_id", "org_id", "updated_since"}
LISTS |= {"updated_until", "include_fields", "custom_fields"}
TAKEN = {
    "persons": LISTS | {"deal_id"},
    "deals": LISTS | {"person_id", "pipeline_id", "stage_id", "status"},
    "deals/archived": LISTS | {"person_id", "pipeline_id", "stage_id", "status"},
    "personFields": {"include_fields"},
    "dealFields": {"include_fields"},
}
SORTS = ("id", "add_time", "update_time")

Row = dict[str, Any]


class InvalidError(Exception):
    """A query that API v2 refuses with 400."""


class Pipedrive:
    """The fake account: `/api/v2` and what is left of `/api/v1`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cache: tuple[Any, dict[str, list[Row]]] = (None, {})

    def expire(self) -> None:
        """Do nothing: an API token does not run out."""

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        words = {401: "unauthorized access", 403: "Scope and URL mismatch"}
        reply = _error(status, words.get(status, "request over limit"))
        if status == 429:
            reply.headers |= _rate(0) | {"x-ratelimit-reset": "1"}
        return reply

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        given = request.headers.get("x-api-token") or request.params.get("api_token")
        if given != self._world.secrets["BEYOND_LIKES_PIPEDRIVE_API_TOKEN"]:
            return self.refusal(401)
        version, _, name = request.path.strip("/").removeprefix("api/").partition("/")
        try:
            if request.method == "GET" and version == "v2" and name in TAKEN:
                return self._v2(name, request)
            if request.method == "GET" and version == "v1":
                return self._v1(name, request)
        except InvalidError as error:
            reply = _error(400, str(error))
            more = {"code": "ERR_SCHEMA_VALIDATION_FAILED", "additional_data": None}
            reply.body |= {**more, "data": None}
            return reply
        return _error(404, "Unknown method .")

    def _rows(self, name: str) -> list[Row]:
        """Return the records of the clock's day in order of id."""
        day = self._world.clock.day
        if self._cache[0] != day:
            rows = Rows(self._world.company, cutoff(day))
            found = {
                "persons": rows.persons(),
                "deals": rows.deals(archived=False),
                "deals/archived": rows.deals(archived=True),
                "leads": rows.leads(archived=False),
                "leads/archived": rows.leads(archived=True),
                "personFields": definitions("person"),
                "dealFields": definitions("deal"),
            }
            self._cache = (day, found)
        return self._cache[1][name]

    def _v2(self, name: str, request: Request) -> Reply:
        """Answer a page of a list; the cursor names the place in its order."""
        params = request.params
        unknown = sorted(set(params) - COMMON - TAKEN[name])
        if unknown:
            raise InvalidError(f"{unknown[0]} is not allowed")
        limit = _limit(params)
        rows = _chosen(self._rows(name), params)
        start = _place(params["cursor"]) if params.get("cursor") else 0
        page = [_shaped(row, params) for row in rows[start : start + limit]]
        more: Row = {"next_cursor": None}
        key = "field_code" if name.endswith("Fields") else "id"
        reply = Reply(
            {"success": True, "data": page, "additional_data": more},
            headers=_rate(18),
            records=page,
            key_fields=(key, "add_time", "field_name"),
        )
        if start + limit < len(rows):
            _link(reply, request, "cursor", _cursor(start + limit), more, "next_cursor")
        return reply

    def _v1(self, name: str, request: Request) -> Reply:
        """Answer the leads inbox by offset; a list without records is null."""
        params = request.params
        if name == "leadLabels":
            labels = [{"id": key, "name": label} for key, label in LEAD_LABELS.items()]
            return Reply({"success": True, "data": labels})
        if name not in ("leads", "leads/archived"):
            return _error(404, "Unknown method .")
        limit, start = _limit(params), int(params.get("start") or 0)
        rows = self._rows(name)
        page = [dict(row) for row in rows[start : start + limit]]
        rest = start + limit < len(rows)
        paging: Row = {"start": start, "limit": limit, "more_items_in_collection": rest}
        body = {"success": True, "data": page or None, "additional_data": {"pagination": paging}}
        reply = Reply(body, headers=_rate(18), records=page, key_fields=("id", "add_time"))
        if rest:
            paging["next_start"] = start + limit
            _link(reply, request, "start", str(start + limit), paging, "next_start")
        return reply


def _chosen(rows: list[Row], params: dict[str, str]) -> list[Row]:
    """Return the rows that the parameters ask for, in their order."""
    if params.get("status"):
        wanted = params["status"].split(",")
        if set(wanted) - {"open", "won", "lost", "deleted"}:
            raise InvalidError("status must be one of open, won, lost, deleted")
        rows = [row for row in rows if row["status"] in wanted]
    for name, keep in (("updated_since", False), ("updated_until", True)):
        if params.get(name):
            edge = as_moment(params[name])
            rows = [row for row in rows if (as_moment(row["update_time"]) < edge) is keep]
    order = params.get("sort_by", "id")
    if order not in SORTS or params.get("sort_direction", "asc") not in ("asc", "desc"):
        raise InvalidError("sort_by or sort_direction has an unknown value")
    if not rows or "id" not in rows[0]:
        return rows
    down = params.get("sort_direction") == "desc"
    return sorted(rows, key=lambda row: (row[order], row["id"]), reverse=down)


def _shaped(row: Row, params: dict[str, str]) -> Row:
    """Return a row with the custom fields that were asked for, by default all."""
    asked = [name for name in params.get("custom_fields", "").split(",") if name]
    if len(asked) > CUSTOM_FIELDS:
        raise InvalidError(f"custom_fields takes at most {CUSTOM_FIELDS} keys")
    if not asked or "custom_fields" not in row:
        return dict(row)
    return {**row, "custom_fields": {name: row["custom_fields"].get(name) for name in asked}}


def _limit(params: dict[str, str]) -> int:
    given = params.get("limit", str(USUAL))
    if not given.isdigit() or not 1 <= int(given) <= MOST:
        raise InvalidError(f"limit must be between 1 and {MOST}")
    return int(given)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"place": place}).encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return int(json.loads(base64.urlsafe_b64decode(padded))["place"])
    except (ValueError, KeyError, TypeError):
        raise InvalidError("cursor is invalid") from None


def _link(
    reply: Reply, request: Request, parameter: str, value: str, holder: Row, field: str
) -> None:
    """Note the next page, as a value in the body."""
    holder[field] = int(value) if value.isdigit() else value
    reply.next_url = f"{request.base}{request.path}?{parameter}={value}"
    reply.set_next = lambda _url: holder.update({field: request.params.get(parameter, value)})


def _rate(left: int) -> dict[str, str]:
    return {
        "x-ratelimit-limit": "20",
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-reset": "2",
        "x-daily-ratelimit-token-limit": "30000",
        "x-daily-ratelimit-token-remaining": "29000",
    }


def _error(status: int, words: str) -> Reply:
    info = "Please check developers.pipedrive.com"
    return Reply(
        {"success": False, "error": words, "errorCode": status, "error_info": info}, status
    )


PLATFORM = Pipedrive
