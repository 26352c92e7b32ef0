"""Salesforce: OAuth token, SOQL by query, queryAll and bulk job, describe, getDeleted, limits.

Source: REST API and Bulk API 2.0 developer guides v67.0, read 2026-11.
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

from sandbox.company import cutoff
from sandbox.servers.salesforce_jobs import Jobs
from sandbox.servers.salesforce_rows import BIN, Row, Rows, moment, sf_id
from sandbox.servers.salesforce_soql import RefusedError, select
from sandbox.servers.wire import Reply, Request, World, as_moment

CREDENTIALS = {
    "client_id": "3MVG9.sandbox-consumer-key",
    "client_secret": "sandbox-salesforce-secret",
}
OLDEST, NEWEST = 31, 68
BATCH = 500  # the platform promises no more than "up to 2,000"
CALLS_A_DAY = 100_000
DELETED_KEPT = timedelta(days=30)


class Salesforce:
    """The fake org: `/services/oauth2/token` and `/services/data/vNN.0`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions = 0
        self._living = set[str]()
        self._locators = dict[str, list[Row]]()
        self._jobs = Jobs(world.clock, self._select)
        self._cache: tuple[Any, dict[str, list[Row]]] = (None, {})
        self._calls = 0

    def expire(self) -> None:
        """Let every session that was given out run out."""
        self._living = set()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses; it has no 429."""
        if status == 429:
            words = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            return RefusedError("REQUEST_LIMIT_EXCEEDED", words, 403).reply
        if status == 403:
            words = "insufficient access rights on object id"
            return RefusedError("INSUFFICIENT_ACCESS_OR_READONLY", words, 403).reply
        return RefusedError("INVALID_SESSION_ID", "Session expired or invalid", 401).reply

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path == "/services/oauth2/token":
            return self._token(request)
        if request.path.rstrip("/") == "/services/data":
            return Reply([_version(number) for number in range(OLDEST, NEWEST)])
        if request.bearer not in self._living:
            return self.refusal(401)
        self._calls += 1
        try:
            reply = self._data(request)
        except RefusedError as error:
            reply = error.reply
        reply.headers["Sforce-Limit-Info"] = f"api-usage={self._calls % 1000}/{CALLS_A_DAY}"
        return reply

    def _token(self, request: Request) -> Reply:
        """Give out a session; the application says who it is in the form or by Basic."""
        form, secrets = request.form, self._world.secrets
        given = [form.get("client_id"), form.get("client_secret")]
        kind, _, pair = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            given = list(base64.b64decode(pair).decode().partition(":")[::2])
        known = [secrets[f"BEYOND_LIKES_SALESFORCE_CLIENT_{name}"] for name in ("ID", "SECRET")]
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "grant type not supported")
        if given != known:
            return _oauth_error("invalid_client", "invalid client credentials")
        self._sessions += 1
        token = f"00DQy0000000001!sandbox.session.{self._sessions}"
        self._living.add(token)
        now = int(self._world.clock.now.timestamp() * 1000)
        return Reply(
            {
                "access_token": token,
                "signature": "c2FuZGJveA==",
                "scope": "api",
                "instance_url": request.base,
                "id": f"{request.base}/id/00DQy0000000001MAA/005Qy0000000001IAA",
                "token_type": "Bearer",
                "issued_at": str(now),
            }
        )

    def _data(self, request: Request) -> Reply:
        found = re.fullmatch(r"/services/data/v(\d+)\.0/(.+?)/?", request.path)
        if not found or not OLDEST <= int(found[1]) < NEWEST:
            raise RefusedError("NOT_FOUND", "The requested resource does not exist", 404)
        resource, root = found[2], f"/services/data/v{found[1]}.0"
        if resource.startswith("jobs/query"):
            return self._jobs.answer(request, resource.removeprefix("jobs/query"), int(found[1]))
        if request.method != "GET":
            words = f"HTTP Method '{request.method}' not allowed. Allowed are GET"
            raise RefusedError("METHOD_NOT_ALLOWED", words, 405)
        if resource in ("query", "queryAll"):
            return self._query(request, root, deleted=resource == "queryAll")
        if more := re.fullmatch(r"(?:query|queryAll)/(\w+)-(\d+)", resource):
            return self._page(request, root, more[1], int(more[2]))
        if described := re.fullmatch(r"sobjects/(\w+)/describe", resource):
            return Reply(_described(described[1], self._rows(described[1])))
        if deleted := re.fullmatch(r"sobjects/(\w+)/deleted", resource):
            return self._deleted(deleted[1], request)
        if resource == "limits":
            used = {"Max": CALLS_A_DAY, "Remaining": CALLS_A_DAY - self._calls % 1000}
            return Reply({"DailyApiRequests": used})
        raise RefusedError("NOT_FOUND", "The requested resource does not exist", 404)

    def _rows(self, object_: str) -> list[Row]:
        day = self._world.clock.day
        if self._cache[0] != day:
            self._cache = (day, dict(Rows(self._world.company, cutoff(day)).all()))
        if object_ not in self._cache[1]:
            raise RefusedError("INVALID_TYPE", f"sObject type '{object_}' is not supported.")
        return self._cache[1][object_]

    def _query(self, request: Request, root: str, *, deleted: bool) -> Reply:
        """Answer SOQL; rows in the recycle bin only where they are asked for."""
        object_, asked, rows = self._select(request.params.get("q", ""), deleted)
        shaped = [_shaped(row, asked, object_, root) for row in rows]
        locator = sf_id("01g", len(self._locators) + 1)
        self._locators[locator] = shaped
        return self._page(request, root, locator, 0)

    def _select(self, query: str, deleted: bool) -> tuple[str, list[str], list[Row]]:
        empty = cutoff(self._world.clock.day) - BIN

        def rows_of(object_: str) -> list[Row]:
            return [
                row
                for row in self._rows(object_)
                if row["_gone"] is None or (deleted and row["_gone"] >= empty)
            ]

        return select(query, rows_of)

    def _page(self, request: Request, root: str, locator: str, start: int) -> Reply:
        """Answer a part of a result that stays as it was when the query was asked."""
        if locator not in self._locators:
            raise RefusedError("INVALID_QUERY_LOCATOR", "invalid query locator")
        rows = self._locators[locator]
        wished = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
        size = min(max(int(wished[1]), 200), 2000) if wished else BATCH
        page = [dict(row) for row in rows[start : start + size]]
        body: dict[str, Any] = {"totalSize": len(rows), "done": start + size >= len(rows)}
        reply = Reply(body, key_fields=("Id", "attributes"))
        if not body["done"]:
            body["nextRecordsUrl"] = f"{root}/query/{locator}-{start + size}"
            reply.next_url = f"{request.base}{body['nextRecordsUrl']}"
            reply.set_next = lambda url: body.update(nextRecordsUrl=url)
        body["records"] = reply.records = page
        return reply

    def _deleted(self, object_: str, request: Request) -> Reply:
        """Answer which records were deleted in a span of at most 30 days before now."""
        now, params = self._world.clock.now, request.params
        try:
            start, end = (as_moment(params[name]) for name in ("start", "end"))
        except (KeyError, ValueError):
            raise RefusedError("INVALID_FIELD", "start and end are required") from None
        if start < now - DELETED_KEPT or end <= start:
            raise RefusedError("INVALID_REPLICATION_DATE", "startDate is out of range")
        gone = [
            {"id": row["Id"], "deletedDate": moment(row["_gone"])}
            for row in self._rows(object_)
            if row["_gone"] and start <= row["_gone"] < end
        ]
        reach = {
            "earliestDateAvailable": moment(now - DELETED_KEPT),
            "latestDateCovered": moment(min(end, now)),
        }
        return Reply({"deletedRecords": gone, **reach}, records=gone)


def _shaped(row: Row, asked: list[str], object_: str, root: str) -> Row:
    url = f"{root}/sobjects/{object_}/{row['Id']}"
    return {"attributes": {"type": object_, "url": url}, **{name: row[name] for name in asked}}


def _described(object_: str, rows: list[Row]) -> Row:
    fields = [
        {"name": name, "custom": name.endswith("__c"), "label": name.removesuffix("__c")}
        for row in rows[:1]
        for name in row
        if not name.startswith("_")
    ]
    return {"name": object_, "custom": False, "queryable": True, "fields": fields}


def _version(number: int) -> Row:
    season, year = ("Winter", "Spring", "Summer")[(number - 65) % 3], 26 + (number - 65) // 3
    version = f"{number}.0"
    return {"label": f"{season} '{year}", "url": f"/services/data/v{version}", "version": version}


def _oauth_error(code: str, words: str) -> Reply:
    return Reply({"error": code, "error_description": words}, 400)


PLATFORM = Salesforce
