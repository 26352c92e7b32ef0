"""Salesforce's Bulk API 2.0 for queries: jobs, their states, results as CSV behind locators.

Source: Bulk API 2.0 and Bulk API developer guide v67.0, read 2026-11.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.servers.salesforce_rows import Row, moment, sf_id
from sandbox.servers.salesforce_soql import RefusedError
from sandbox.servers.wire import Clock, Reply, Request

STATES = ("UploadComplete", "InProgress", "JobComplete")  # one more each time it is asked for
DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
ENDS = {"LF": "\n", "CRLF": "\r\n"}
ROWS = 500  # a small company shall have pages, too; the platform decides by itself as well
Selected = tuple[str, list[str], list[Row]]


@dataclass(slots=True)
class Job:
    """One query job; its rows are those of the moment it was made."""

    about: Row
    version: int
    fields: list[str]
    rows: list[Row]
    polls: int = 0
    is_aborted: bool = False

    @property
    def state(self) -> str:
        """Return how far it is."""
        return "Aborted" if self.is_aborted else STATES[min(self.polls, len(STATES) - 1)]


class Jobs:
    """`/jobs/query` and what lies below it.

    Shape: `select` answers a query (with the rows in the bin or without) as object, fields, rows.
    """

    def __init__(self, clock: Clock, select: Callable[[str, bool], Selected]) -> None:
        self._clock, self._select = clock, select
        self._jobs: dict[str, Job] = {}

    def answer(self, request: Request, path: str, version: int) -> Reply:
        """Return the answer to one call; `path` is what follows jobs/query."""
        if not path and request.method == "POST":
            return self._make(request, version)
        found = re.fullmatch(r"/(750\w{15})(/results)?", path)
        job = self._jobs.get(found[1]) if found else None
        if not found or not job:
            raise RefusedError("NOT_FOUND", "The requested resource does not exist", 404)
        if found[2] and request.method == "GET":
            return self._results(request, job, version)
        if request.method == "PATCH":
            if request.json != {"state": "Aborted"}:
                raise RefusedError("INVALIDJOBSTATE", "a query job can be aborted only")
            job.is_aborted = True
        elif request.method != "GET":
            words = f"HTTP Method '{request.method}' not allowed. Allowed are GET,PATCH"
            raise RefusedError("METHOD_NOT_ALLOWED", words, 405)
        else:
            job.polls += 1
        done = {"jobType": "V2Query", "retries": 0, "totalProcessingTime": 900}
        if job.state == "JobComplete":
            done["numberRecordsProcessed"] = len(job.rows)
        return Reply(job.about | {"state": job.state} | done)

    def _make(self, request: Request, version: int) -> Reply:
        given = request.json or {}
        known = {"operation", "query", "contentType", "columnDelimiter", "lineEnding"}
        if unknown := sorted(set(given) - known):
            raise RefusedError("JSON_PARSER_ERROR", f"Unrecognized field {unknown[0]}")
        form = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"} | given
        sane = form["columnDelimiter"] in DELIMITERS and form["lineEnding"] in ENDS
        operation = form.get("operation")
        if operation not in ("query", "queryAll") or form["contentType"] != "CSV" or not sane:
            raise RefusedError("INVALIDJOB", "the job is not one that can be run")
        object_, fields, rows = self._select(form.pop("query", ""), operation == "queryAll")
        number, now = len(self._jobs) + 1, moment(self._clock.now)
        about = {
            "id": sf_id("750", number),
            "object": object_,
            "createdById": sf_id("005", 1),
            "createdDate": now,
            "systemModstamp": now,
            "state": STATES[0],
            "concurrencyMode": "Parallel",
            "apiVersion": float(version),
            **form,
        }
        self._jobs[about["id"]] = Job(about, version, fields, rows)
        return Reply(about)

    def _results(self, request: Request, job: Job, version: int) -> Reply:
        """Answer a page of rows; the header stands on every page."""
        if version != job.version:
            words = "the job was made by another version of the API"
            raise RefusedError("API_ERROR", words, 409)
        if job.state != "JobComplete":
            raise RefusedError("INVALIDJOBSTATE", "the results of the job are not there yet")
        params = request.params
        try:
            start = int(base64.b64decode(params["locator"])) if "locator" in params else 0
            size = min(int(params.get("maxRecords", ROWS)), ROWS)
        except ValueError:
            raise RefusedError("INVALID_LOCATOR", "invalid locator or maxRecords") from None
        page = [{name: row[name] for name in job.fields} for row in job.rows[start : start + size]]
        reply = Reply(None, records=page, key_fields=("Id",))
        reply.headers |= {"Content-Type": "text/csv", "Sforce-Locator": "null"}
        reply.body = lambda: _written(job, reply, page)
        if start + size < len(job.rows):
            locator = base64.b64encode(str(start + size).encode()).decode()
            limit = f"maxRecords={params['maxRecords']}&" if "maxRecords" in params else ""
            reply.next_url = f"{request.base}{request.path}?{limit}locator={locator}"
            reply.set_next = lambda url: reply.headers.update({"Sforce-Locator": _locator(url)})
            reply.set_next(reply.next_url)
        return reply


def _written(job: Job, reply: Reply, page: list[Row]) -> bytes:
    """Return the rows as CSV; what became an object in one has no column."""
    fields = [name for name in job.fields if not any(isinstance(r.get(name), dict) for r in page)]
    out = io.StringIO(newline="")
    delimiter, end = (job.about[name] for name in ("columnDelimiter", "lineEnding"))
    writer = csv.writer(
        out, delimiter=DELIMITERS[delimiter], lineterminator=ENDS[end], quoting=csv.QUOTE_ALL
    )
    writer.writerow(fields)
    writer.writerows([_cell(row.get(name)) for name in fields] for row in page)
    reply.headers["Sforce-NumberOfRecords"] = str(len(page))
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    """Return a value as the platform writes it here: times with Z, null as nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value)
    return re.sub(r"(T[\d:.]+)\+0000$", r"\1Z", text)


def _locator(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("locator", ["null"])[0]
