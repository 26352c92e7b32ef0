"""Tables to start from: the simulated company's exports, real public ones, one of each entity."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extractors.sources.file_drop import STREAMS
from sandbox.company import Company
from sandbox.files import write_files
from tests.fuzz.mutations import Table
from tests.test_file_drop import DATA

ROWS = 40
PLAIN = {
    "VARCHAR": "abc", "BIGINT": "17", "DOUBLE": "4.5", "DECIMAL(18,4)": "12.50", "BOOLEAN": "yes",
    "DATE": "2026-01-05", "TIMESTAMPTZ": "2026-01-05T10:30:00Z",
}  # fmt: skip
REAL: dict[str, tuple[str, dict[str, Any]]] = {
    "boston311_100/boston311-100.csv": (
        "support_requests",
        {
            "columns": {"request_id": "case_enquiry_id", "opened_at": "open_dt",
                        "resolved_at": "closed_dt", "channel": "source"},
            "derive": {"resolved": "case_status = 'Closed'"},
            "timezone": "America/New_York",
        },
    ),
    "sf311_2019_sample/sf311.csv": (
        "support_requests",
        {
            "columns": {"request_id": "unique_key", "opened_at": "created_date",
                        "resolved_at": "closed_date", "channel": "source"},
            "values": {"channel": {"Mobile/Open311": "app"}},
        },
    ),
    "uci_facebook_metrics/dataset_Facebook.csv": (
        "posts",
        {
            "columns": {"type": "Type"},
            "derive": {"post_id": "'uci-' || _line",
                       "published_at": "'2014-' || \"Post Month\" || '-01'"},
            "constants": {"platform": "Facebook"},
        },
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Corpus:
    """One export as its cells (header first), and what sources.yml says about it."""

    entity: str
    lines: dict[str, Any]
    table: Table

    @property
    def encoding(self) -> str:
        """The encoding that the file is written in."""
        return str(self.lines.get("encoding") or "utf-8")

    @property
    def delimiter(self) -> str:
        """The delimiter that the file is written with."""
        return str(self.lines.get("delimiter") or ",")

    def column(self, name: str) -> str | None:
        """Return the file's column of ours; None where an expression or constant makes it."""
        said = self.lines
        if name in said.get("derive", {}) or name in said.get("constants", {}):
            return None
        return str(said.get("columns", {}).get(name, name))


def corpora(company: Company, folder: Path) -> list[Corpus]:
    """Return all tables; those of real exports only where they lie."""
    return [*_declared(), *_simulated(company, folder), *_real()]


def _declared() -> Iterator[Corpus]:
    for entity, stream in STREAMS.items():
        row = [PLAIN[column.type] for column in stream.columns.values()]
        table = [list(stream.columns)]
        for number in range(9):
            keyed = [f"{cell}{number}" if cell == "abc" else cell for cell in row]
            table.append(keyed)
        if entity == "post_metrics":
            at = table[0].index("basis")
            table = [table[0], *([*one[:at], "daily", *one[at + 1 :]] for one in table[1:])]
        yield Corpus(entity, {}, table)


def _simulated(company: Company, folder: Path) -> Iterator[Corpus]:
    write_files(company, folder, company.last, url="http://127.0.0.1", sources=["ecb"], truth=False)
    settings = yaml.safe_load((folder / "sources.yml").read_text(encoding="utf-8"))
    for entity, mappings in settings["sources"]["file_drop"].items():
        lines = {name: said for name, said in mappings[0].items() if name != "files"}
        yield _read(entity, lines, folder / mappings[0]["files"])


def _real() -> Iterator[Corpus]:
    for name, (entity, lines) in REAL.items():
        if (DATA / name).exists():
            delimiter = (DATA / name).read_text(encoding="utf-8").partition("\n")[0]
            said = {"delimiter": ";"} if ";" in delimiter else {}
            yield _read(entity, lines | said, DATA / name)


def _read(entity: str, lines: dict[str, Any], file: Path) -> Corpus:
    encoding = lines.get("encoding") or "utf-8-sig"
    text = io.StringIO(file.read_bytes().decode(encoding), newline="")
    rows = csv.reader(text, delimiter=lines.get("delimiter") or ",")
    return Corpus(entity, lines, [row for row, _ in zip(rows, range(ROWS), strict=False)])
