"""Lever through tap-lever, the Singer tap that Stitch runs."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from singer.catalog import Catalog
from tap_lever import LeverClient
from tap_lever.streams.archive_reasons import ArchiveReasonsStream
from tap_lever.streams.base import BaseStream
from tap_lever.streams.opportunities import OpportunityApplicationsStream, OpportunityStream
from tap_lever.streams.stages import StagesStream

from tests.clients.script import Given, Rows, main

CLIENT = "tap-lever"
STREAMS = ("opportunities", "stage_changes", "stages", "archive_reasons")
HOSTS = ("api.lever.co",)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
Found = dict[str, list[dict[str, Any]]]


def read(given: Given) -> Rows:
    client = LeverClient({"token": given.secret("api_key")})
    taps = {
        kind.TABLE: kind({}, {}, _entry(kind), client)
        for kind in (
            StagesStream,
            ArchiveReasonsStream,
            OpportunityApplicationsStream,
            OpportunityStream,
        )
    }
    written = io.StringIO()
    with contextlib.redirect_stdout(written):  # a tap writes its records as lines
        taps["stages"].sync()
        taps["archive_reasons"].sync()
        children = {"opportunity_applications": taps["opportunity_applications"].catalog}
        taps["opportunities"].write_schema()
        since, until = (datetime.combine(on, time(), UTC) for on in (given.first, given.last))
        while since < until + timedelta(days=2):
            taps["opportunities"].sync_data_for_period(since, timedelta(days=30), children)
            since += timedelta(days=30)
    return _rows(written.getvalue())


def _entry(kind: type[BaseStream]) -> Any:
    """Return the stream's catalog entry as discovery gives it, with every field selected."""
    return Catalog.from_dict({"streams": kind({}, {}, None, None).generate_catalog()}).streams[0]


def _rows(written: str) -> Rows:
    found: Found = {}
    for message in map(json.loads, written.splitlines()):
        if message["type"] == "RECORD":
            found.setdefault(message["stream"], []).append(message["record"])
    applied = {row["candidateId"]: row for row in found["opportunity_applications"]}
    opportunities = {row["id"]: row for row in found["opportunities"]}.values()
    return {
        "opportunities": [_opportunity(row, applied.get(row["id"])) for row in opportunities],
        "stage_changes": list(_changes(found)),
        "stages": [{"stage_id": row["id"], "name": row["text"]} for row in found["stages"]],
        "archive_reasons": [
            {"archive_reason_id": row["id"], "name": row["text"]}
            for row in found["archive_reasons"]
        ],
    }


def _opportunity(row: dict[str, Any], application: dict[str, Any] | None) -> dict[str, Any]:
    archived, sources = row["archived"] or {}, row["sources"]
    tagged = dict(text.split("=", 1) for text in sources if text.startswith("utm_"))
    return {
        "opportunity_id": row["id"],
        "person": row["emails"][0] if row["emails"] else None,
        "posting_id": application and application["posting"],
        "stage_id": row["stage"],
        "origin": row["origin"],
        "source": next((text for text in sources if not text.startswith("utm_")), None),
        **{name: tagged.get(name) for name in UTM},
        "archive_reason_id": archived.get("reason"),
        "archived_at": archived.get("archivedAt"),
        "is_anonymized": row["isAnonymized"],
        "applied_at": _moment(application["createdAt"]) if application else row["createdAt"],
        "created_at": row["createdAt"],
    }


def _changes(found: Found) -> Iterator[dict[str, Any]]:
    for row in {row["id"]: row for row in found["opportunities"]}.values():
        for change in row["stageChanges"]:
            yield {
                "opportunity_id": row["id"],
                "stage_id": change["toStageId"],
                "entered_at": _moment(change["updatedAt"]),
            }


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


if __name__ == "__main__":
    main(read)
