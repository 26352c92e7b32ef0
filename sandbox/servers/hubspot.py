"""HubSpot CRM: contacts and deals by search, list and batch, associations, deal pipelines.

Source: developers.hubspot.com (v3 objects, v4 associations), read 2026-11. Every value is a text.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sandbox.company import cutoff
from sandbox.servers.hubspot_rows import DEFAULTS, STAGES, Rows
from sandbox.servers.hubspot_schema import EMPTY, TYPES, definitions
from sandbox.servers.hubspot_search import BadRequestError, comparable, passes
from sandbox.servers.wire import Reply, Request, World

SEARCH_MAX = 10_000
ASSOCIATION = {"contacts": 3, "deals": 4}


ACCOUNT = {"portalId": 1, "timeZone": "Europe/Berlin", "companyCurrency": "EUR"}


CREDENTIALS = {"access_token": "pat-eu1-sandbox-hubspot-token"}


class HubSpot:
    """The fake platform: `/crm/v3`, the dated `/crm/objects/2026-09`, `/crm/v4` associations."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens = {world.secrets["BEYOND_LIKES_HUBSPOT_ACCESS_TOKEN"]}
        self._expired = set[str]()
        self._cache = dict[Any, list[dict[str, Any]]]()

    def expire(self) -> None:
        """Let every token that was given out run out."""
        self._expired, self._tokens = self._expired | self._tokens, set()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        words = {
            401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
            403: ("MISSING_SCOPES", "This app hasn't been granted all required scopes."),
            429: ("RATE_LIMITS", "You have reached your ten_secondly_rolling limit."),
        }
        category, message = words[status]
        reply = _error(status, message, category)
        if status == 429:
            reply.body["policyName"] = "TEN_SECONDLY_ROLLING"
        return reply

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.bearer in self._expired:
            text = "The OAuth token used to make this call expired 0 second(s) ago."
            return _error(401, text, "EXPIRED_AUTHENTICATION")
        if request.bearer not in self._tokens:
            return _error(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION")
        path = re.sub(r"^/crm/(v3/objects|objects/\d{4}-\d{2})/", "/objects/", request.path)
        try:
            return self._route(path, request)
        except BadRequestError as error:
            return _error(400, str(error), "VALIDATION_ERROR")

    def _route(self, path: str, request: Request) -> Reply:
        found = re.fullmatch(r"/objects/([\w-]+)(/search|/batch/read)?", path)
        if found and found[1] in TYPES:
            kind = TYPES[found[1]]
            if found[2] == "/search" and request.method == "POST":
                return self._search(kind, request)
            if found[2] == "/batch/read" and request.method == "POST":
                return self._batch(kind, request)
            if found[2] is None and request.method == "GET":
                return self._list(kind, request)
        linked = self._route_linked(path, request)
        if linked is not None:
            return linked
        named = re.fullmatch(
            r"/crm/v(3)/properties/([\w-]+)|/properties/v2/([\w-]+)/properties", path
        )
        described = TYPES.get(named[2] or named[3]) if named else None
        if named and described:
            names = {name for row in self._rows(described)[:1] for name in row["properties"]}
            return Reply(definitions(names, 3 if named[1] else 2))
        known: dict[str, Any] = {
            "/crm/v3/pipelines/deals": {"results": [STAGES]},
            "/crm/v3/schemas": {"results": []},  # objects that the account made itself
            "/account-info/v3/details": ACCOUNT,
        }
        if path in known:
            return Reply(known[path], records=known[path].get("results"))
        return _error(404, "resource not found", "OBJECT_NOT_FOUND")

    def _route_linked(self, path: str, request: Request) -> Reply | None:
        one = re.fullmatch(r"/crm/v4/objects/([\w-]+)/(\d+)/associations/([\w-]+)", path)
        if one and one[1] in TYPES and one[3] in TYPES:
            linked = self._linked(TYPES[one[1]], one[2], TYPES[one[3]])
            return Reply(
                {"results": [{**to, "toObjectId": str(to["toObjectId"])} for to in linked]}
            )
        many = re.fullmatch(r"/crm/v4/associations/([\w-]+)/([\w-]+)/batch/read", path)
        if many and many[1] in TYPES and many[2] in EMPTY:
            return Reply({"status": "COMPLETE", "results": []}, headers=_rate())
        if many and many[1] in TYPES and many[2] in TYPES:
            return self._associations(TYPES[many[1]], TYPES[many[2]], request)
        return None

    def _rows(self, kind: str, archived: bool = False) -> list[dict[str, Any]]:
        """Return all objects as of the clock's day in order of id, with every property."""
        key = (kind, archived, self._world.clock.day)
        if key not in self._cache:
            if len(self._cache) > 8:
                self._cache.clear()
            rows = Rows(self._world.company, cutoff(self._world.clock.day))
            made = rows.contacts(archived) if kind == "contacts" else rows.deals(archived)
            self._cache[key] = sorted(made, key=lambda row: int(row["id"]))
        return self._cache[key]

    def _list(self, kind: str, request: Request) -> Reply:
        """Answer a page of the whole table, in order of id; `after` is the next id."""
        params = request.params
        limit = _number(params.get("limit", "10"), "limit", 100)
        rows = self._rows(kind, params.get("archived", "").lower() == "true")
        rows = [row for row in rows if int(row["id"]) >= int(params.get("after") or 0)]
        asked = [
            name
            for key, names in parse_qsl(request.query)
            if key == "properties"  # separated by commas, or the parameter again and again
            for name in names.split(",")
        ]
        page = [_shaped(row, asked or DEFAULTS[kind]) for row in rows[:limit]]
        for kin in params.get("associations", "").split(","):
            for row in page if kin in TYPES else ():
                self._embed(kind, row, TYPES[kin])
        reply = _results(page)
        if len(rows) > limit:
            after = rows[limit]["id"]
            kept = [(key, value) for key, value in parse_qsl(request.query) if key != "after"]
            link = f"{request.base}{request.path}?{urlencode([*kept, ('after', after)])}"
            _next(reply, after, link)
        reply.headers |= _rate()
        return reply

    def _search(self, kind: str, request: Request) -> Reply:
        """Answer a search; at most 10,000 results can be paged through."""
        body = request.json
        if not isinstance(body, dict):
            raise BadRequestError("Invalid input JSON")
        limit, after = _number(body.get("limit", 10), "limit", 200), int(body.get("after") or 0)
        if after + limit > SEARCH_MAX:
            raise BadRequestError(f"Cannot page beyond {SEARCH_MAX} results")
        groups = body.get("filterGroups") or []
        filters = [f for group in groups for f in group.get("filters", [])]
        if len(groups) > 5 or len(filters) > 18 or len(body.get("sorts") or []) > 1:
            raise BadRequestError("Too many filter groups, filters or sorts")
        rows = self._rows(kind)
        if filters:
            rows = [r for r in rows if any(passes(r, group["filters"]) for group in groups)]
        for sort in body.get("sorts") or []:
            name, down = sort["propertyName"], sort.get("direction") == "DESCENDING"
            rows = sorted(
                rows, key=lambda row: comparable(row["properties"].get(name)), reverse=down
            )
        asked = body.get("properties") or DEFAULTS[kind]
        page = [_shaped(row, asked) for row in rows[after : after + limit]]
        reply = _results(page)
        reply.body["total"] = len(rows)
        if after + limit < len(rows):
            _next(reply, str(after + limit), None)
        return reply

    def _batch(self, kind: str, request: Request) -> Reply:
        asked = request.json or {}
        ids = [str(one["id"]) for one in asked.get("inputs", [])]
        past = asked.get("propertiesWithHistory") or []
        most = 50 if past else 100
        if len(ids) > most:
            raise BadRequestError(f"At most {most} ids")
        rows = {row["id"]: row for row in self._rows(kind)}
        names = asked.get("properties") or DEFAULTS[kind]
        found = [
            _shaped(rows[one], names)
            | ({"propertiesWithHistory": {n: _history(rows[one], n) for n in past}} if past else {})
            for one in ids
            if one in rows
        ]
        reply = _results(found)
        reply.body["status"] = "COMPLETE"
        missing = [one for one in ids if one not in rows]
        if missing:
            reply.status = 207
            reply.body["errors"] = [{"category": "OBJECT_NOT_FOUND", "context": {"ids": missing}}]
        return reply

    def _linked(self, kind: str, id_: str, to: str) -> list[dict[str, Any]]:
        """Return associations of one object, each with its unlabelled type."""
        deals = self._rows("deals")
        if (kind, to) == ("deals", "contacts"):
            ids = [one for row in deals if row["id"] == id_ for one in row["_contacts"]]
        else:
            ids = [row["id"] for row in deals if id_ in row["_contacts"]]
        types = [{"category": "HUBSPOT_DEFINED", "typeId": ASSOCIATION[to], "label": None}]
        return [{"toObjectId": int(one), "associationTypes": types} for one in ids]

    def _associations(self, kind: str, to: str, request: Request) -> Reply:
        ids = [str(one["id"]) for one in (request.json or {}).get("inputs", [])]
        if len(ids) > 1000:
            raise BadRequestError("At most 1000 inputs")
        linked = {one: self._linked(kind, one, to) for one in ids}
        results = [{"from": {"id": one}, "to": found} for one, found in linked.items() if found]
        return Reply({"status": "COMPLETE", "results": results}, headers=_rate())

    def _embed(self, kind: str, row: dict[str, Any], to: str) -> None:
        linked = self._linked(kind, row["id"], to)
        singular = f"{kind[:-1]}_to_{to[:-1]}"
        results = [
            {"id": str(one["toObjectId"]), "type": name}
            for one in linked
            for name in (singular, f"{singular}_unlabeled")
        ]
        if results:
            row["associations"] = {to: {"results": results}}


def _number(value: Any, name: str, most: int) -> int:
    if not str(value).isdigit() or not 1 <= int(value) <= most:
        raise BadRequestError(f"{name} must be between 1 and {most}")
    return int(value)


def _shaped(row: dict[str, Any], names: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """Return the object with its id and the asked properties; unknown ones are ignored."""
    properties = row["properties"]
    kept = {n: properties[n] for n in (*names, "hs_object_id") if n in properties}
    shown = {name: value for name, value in row.items() if not name.startswith("_")}
    return {**shown, "properties": kept}


def _history(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the values that a property has had, the newest first."""
    source = {"sourceType": "CRM_UI", "sourceId": "userId:42", "updatedByUserId": 42}
    known = row["_history"].get(name, [])
    return [{"value": value, "timestamp": at, **source} for value, at in known[::-1]]


def _results(page: list[dict[str, Any]]) -> Reply:
    return Reply({"results": page}, records=page, key_fields=("id", "properties"))


def _next(reply: Reply, after: str, link: str | None) -> None:
    following = {"after": after} | ({"link": link} if link else {})
    reply.body["paging"] = {"next": following}
    if link:
        reply.next_url, reply.set_next = link, lambda url: following.update(link=url)


def _rate() -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Max": "190",
        "X-HubSpot-RateLimit-Remaining": "187",
        "X-HubSpot-RateLimit-Daily": "650000",
        "X-HubSpot-RateLimit-Daily-Remaining": "640000",
    }


def _error(status: int, message: str, category: str) -> Reply:
    body = {"status": "error", "message": message, "correlationId": "sandbox", "category": category}
    return Reply(body, status)


PLATFORM = HubSpot
