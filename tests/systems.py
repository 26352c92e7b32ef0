"""Records of two persons in several systems, landed as the platforms send them; no dbt."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import zstandard

from extractors import run
from extractors.core import landing
from extractors.core.places import Place
from extractors.core.types import Page, Window
from extractors.privacy.doors import doors
from extractors.project import streams

MARCH = date(2026, 3, 31)
ADA, BOB, OLD = "ada@example.org", "bob@example.org", "ada.old@example.org"
SETTINGS = """
timezone: UTC
sources: {greenhouse: {}, zendesk: {subdomain: x}, hubspot: {}, salesforce: {}, file_drop: {}}
"""
# Bob's number in the help desk is Ada's in recruiting; Ada has applied twice.
RECORDS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "greenhouse.candidates": [
        {"id": 1, "person": ADA},
        {"id": 2, "person": BOB},
    ],
    "greenhouse.applications": [
        {"id": 11, "candidate_id": 1, "created_at": "2026-03-02T10:00:00Z"},
        {"id": 12, "candidate_id": 2, "created_at": "2026-03-03T10:00:00Z"},
        {"id": 13, "candidate_id": 1, "created_at": "2026-03-04T10:00:00Z"},
    ],
    "greenhouse.application_stages": [
        {"id": 21, "application_id": 11, "entered_at": "2026-03-02T10:00:00Z"},
        {"id": 22, "application_id": 12, "entered_at": "2026-03-03T10:00:00Z"},
    ],
    "greenhouse.application_ids": [{"id": 11}, {"id": 12}, {"id": 13}],
    "zendesk.users": [{"id": 1, "email": BOB}, {"id": 5, "email": ADA}],
    "zendesk.tickets": [
        {"id": 31, "requester_id": 5, "created_at": "2026-03-02T10:00:00Z"},
        {"id": 32, "requester_id": 1, "created_at": "2026-03-02T10:00:00Z"},
    ],
    "hubspot.contacts": [
        {"id": "101", "properties": {"email": ADA, "createdate": "2026-03-02T10:00:00Z"}},
        {"id": "102", "properties": {"email": BOB, "createdate": "2026-03-02T10:00:00Z"}},
        {"id": "103", "properties": {"email": OLD, "createdate": "2026-03-01T10:00:00Z"}},
    ],
    "hubspot.contact_merges": [{"loser_id": "103", "id": "101"}],
    "hubspot.deals": [
        {"id": "41", "contact_id": "101", "properties": {"createdate": "2026-03-02T10:00:00Z"}},
        {"id": "42", "contact_id": "102", "properties": {"createdate": "2026-03-02T10:00:00Z"}},
    ],
    "salesforce.leads": [
        {"Id": "L1", "Email": ADA, "ConvertedOpportunityId": "O1", "ConvertedContactId": "C1"},
        {"Id": "L2", "Email": BOB},
    ],
    "salesforce.opportunities": [{"Id": "O1"}, {"Id": "O2"}],
    "salesforce.opportunity_contacts": [
        {"Id": "R1", "OpportunityId": "O2", "ContactId": "C1"},
        {"Id": "R2", "OpportunityId": "O2", "ContactId": "C2"},
    ],
    "salesforce.campaign_members": [{"Id": "M1", "LeadId": "L1"}, {"Id": "M2", "LeadId": "L2"}],
}


@dataclass(frozen=True)
class Systems:
    """A home with what the platforms sent, without a build."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, more: str = "") -> Systems:
        folder.mkdir(exist_ok=True)
        (folder / "sources.yml").write_text(SETTINGS + more, encoding="utf-8")
        return cls(folder)

    def copied(self, folder: Path) -> Systems:
        shutil.copytree(self.folder, folder)
        return Systems(folder)

    @property
    def settings(self) -> Path:
        return self.folder / "sources.yml"

    @property
    def home(self) -> Path:
        return self.folder / "data"

    def land(
        self,
        label: str,
        records: Sequence[Mapping[str, Any]],
        last: date = MARCH,
        attempt: str = "A1",
    ) -> None:
        """Land records as a night of `last` does, through the door of erased and old rows."""
        own, stream = run.project(self.settings), streams()[label]
        window = Window.of(last, last, "UTC")
        at = datetime(last.year, last.month, last.day, 23, tzinfo=UTC)
        landing.land(
            stream, window, [Page(records, at)], root=own.landing, key=own.hmac_key(),
            attempt=attempt, keep=doors(own, last)(stream),
        )  # fmt: skip

    def send(self, attempt: str = "A1", last: date = MARCH) -> Systems:
        """Land all records."""
        for label, records in RECORDS.items():
            self.land(label, records, last, attempt)
        return self

    def raw(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows of every raw table that has some, and what the ledger says."""
        ledger = "source, stream, attempt, status, rows_landed, rows_written, key_id"
        tables = """select table_name from duckdb_tables()
            where schema_name = 'raw' and estimated_size > 0"""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as db:
            found = {
                name: db.execute(f'from raw."{name}" order by all').fetchall()
                for (name,) in db.execute(tables).fetchall()
            }
            sql = f"select {ledger} from ops.load_ledger order by all"
            found["ledger"] = db.execute(sql).fetchall()
        return {name: body for name, body in found.items() if body}

    def keys(self) -> dict[str, list[str]]:
        """Return the first key column of each raw table that has rows, in order."""
        raw = self.raw()
        return {
            label: sorted(str(row[0]) for row in raw[stream.table])
            for label, stream in streams().items()
            if stream.table in raw
        }

    def landed(self) -> dict[str, list[dict[str, Any]]]:
        """Return the landed rows by attempt, with the key id that its manifest names."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in landing.attempts(run.project(self.settings).landing):
            head, _ = one.read()
            name = f"{one.source}.{one.stream} {one.attempt} {head.get('key_id')}"
            files = {path.name for path in one.folder.iterdir()}
            assert files == {"manifest.json", *(part["file"] for part in head["parts"])}
            found[name] = [
                orjson.loads(line)
                for part in head["parts"]
                for line in unpacked(one.folder / part["file"]).splitlines()
            ]
            assert head["rows"] == len(found[name])
        return found


def unpacked(file: Place) -> bytes:
    """Return what a file says; of a landed part, its lines."""
    body = file.read_bytes()
    if file.name.endswith(".zst"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return body
