"""Damage to what lies on the disk: landing before it is loaded, the warehouse."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import duckdb

from tests.disturbances.registry import EVENING, disturbance
from tests.ground import EXTRACT, Case, parts
from tests.readers import raw

AGAIN = "Extract this window again"
PAGE = 4096


def _landed(case: Case) -> Path:
    """Fetch the night and return a part of it."""
    known = set(parts(case.company))
    case.works(*EXTRACT)
    return case.rng.choice(sorted(set(parts(case.company)) - known))


def _load_tells(case: Case, words: str) -> None:
    """Load what is damaged: it is named, stays out, and every other stream goes on."""
    case.told(case.run("load"), f"{words}.*{AGAIN}")
    quiet, found = case.ground.raw, raw(case.data / "warehouse.duckdb")
    others = [name for name in quiet if found[name] != quiet[name]]
    assert len(others) <= 1, f"other streams stayed out, too: {others}"


@disturbance(EVENING, short=True)
def bit_flip_in_a_part(case: Case) -> None:
    part = _landed(case)
    _flip(part, case.rng)
    _load_tells(case, f"{part.parent.name}.*the part is damaged")


@disturbance(EVENING)
def bit_flip_in_a_manifest(case: Case) -> None:
    manifest = _landed(case).with_name("manifest.json")
    _flip(manifest, case.rng)
    _load_tells(case, f"{manifest.parent.name}.*")


@disturbance(EVENING)
def missing_part(case: Case) -> None:
    part = _landed(case)
    part.unlink()
    _load_tells(case, f"{part.parent.name}.*the part is not readable")


@disturbance(EVENING)
def truncated_manifest(case: Case) -> None:
    manifest = _landed(case).with_name("manifest.json")
    body = manifest.read_bytes()
    manifest.write_bytes(body[: case.rng.randrange(len(body))])
    _load_tells(case, f"{manifest.parent.name}.*damaged")


@disturbance(EVENING)
def missing_attempt(case: Case) -> None:
    shutil.rmtree(_landed(case).parent)
    case.hits += 1
    case.works("load")


def _flip(file: Path, rng: random.Random, *, after: int = 0) -> None:
    """Turn one bit of a file over."""
    body = bytearray(file.read_bytes())
    body[rng.randrange(after, len(body))] ^= 1 << rng.randrange(8)
    file.write_bytes(body)


def _refused(case: Case, words: str) -> None:
    """Let every step that opens the warehouse refuse it, then do what the message says."""
    warehouse = case.data / "warehouse.duckdb"
    body = warehouse.read_bytes()
    steps = [EXTRACT, ("load",), ("build",), ("publish",)]
    for step in steps if case.ground.whole else steps[:1]:
        case.told(case.run(*step), words)
        assert warehouse.read_bytes() == body, "the damaged file was written"
    _replayed(case)


def _replayed(case: Case) -> None:
    """Move the warehouse away and rebuild raw from landing, as the message says."""
    for file in case.data.glob("warehouse.duckdb*"):
        file.rename(file.with_suffix(file.suffix + ".damaged"))
    case.works("replay")


@disturbance(EVENING)
def warehouse_cut_short(case: Case) -> None:
    warehouse = case.data / "warehouse.duckdb"
    os.truncate(warehouse, PAGE + case.rng.randrange(PAGE * 8))
    _refused(case, r"warehouse\.duckdb: .*beyond-likes replay")


@disturbance(EVENING)
def warehouse_header_overwritten(case: Case) -> None:
    with (case.data / "warehouse.duckdb").open("r+b") as file:
        file.write(case.rng.randbytes(3 * PAGE))
    _refused(case, r"warehouse\.duckdb: .*no DuckDB database.*beyond-likes replay")


@disturbance(EVENING, short=True)
def warehouse_of_a_newer_duckdb(case: Case) -> None:
    """The main header holds a checksum, `DUCK` and the version: all as a newer one writes them."""
    with (case.data / "warehouse.duckdb").open("r+b") as file:
        body = file.read(PAGE)
        head = body[8:12] + (70).to_bytes(8, "little") + body[20:]
        file.seek(0)
        file.write(_checksum(head).to_bytes(8, "little") + head)
    _refused(case, r"warehouse\.duckdb: a newer DuckDB wrote this file.*Update beyond-likes")


def _checksum(body: bytes) -> int:
    """Return DuckDB's checksum of a block."""
    found = 5381
    for (word,) in struct.iter_unpack("<Q", body):
        found ^= word * 0xBF58476D1CE4E5B9 % 2**64
    return found


@disturbance(EVENING)
def write_ahead_log_flipped(case: Case) -> None:
    """A killed load leaves a log that the next opening replays."""
    script = """import duckdb, os, sys
db = duckdb.connect(sys.argv[1])
db.execute("set wal_autocheckpoint = '1GB'")
db.execute("create table ops.left_by_a_kill as select range as n from range(5000)")
os._exit(0)"""
    subprocess.run([sys.executable, "-c", script, str(case.data / "warehouse.duckdb")], check=True)
    log = case.data / "warehouse.duckdb.wal"
    _flip(log, case.rng, after=log.stat().st_size // 2)
    case.told(case.run(*EXTRACT), r"warehouse\.duckdb: this file is damaged.*beyond-likes replay")
    _replayed(case)


@disturbance(EVENING)
def warehouse_of_a_newer_version(case: Case) -> None:
    """A later beyond-likes had a column more here and there; an older one works beside them."""
    newer = ("raw.file_drop__touchpoints", "raw.company__kpi_targets", "ops.load_ledger")
    with duckdb.connect(str(case.data / "warehouse.duckdb")) as db:
        for table in newer:
            db.execute(f"alter table {table} add column of_tomorrow varchar")
    assert case.night().returncode == 0
    case.hits += 1
    with duckdb.connect(str(case.data / "warehouse.duckdb")) as db:
        for table in newer:
            db.execute(f"alter table {table} drop column if exists of_tomorrow")


@disturbance(EVENING, short=True)
def warehouse_bits_flipped(case: Case) -> None:
    """Every block that is in use: some damage lies where only a later step reads."""
    warehouse = case.data / "warehouse.duckdb"
    body = bytearray(warehouse.read_bytes())
    for offset in range(3 * PAGE, len(body), PAGE):
        body[offset + case.rng.randrange(PAGE)] ^= 1 << case.rng.randrange(8)
    warehouse.write_bytes(body)
    case.told(case.run(*EXTRACT), r"warehouse\.duckdb: .*beyond-likes replay")
    _replayed(case)


@disturbance(EVENING)
def warehouse_empty(case: Case) -> None:
    (case.data / "warehouse.duckdb").write_bytes(b"")
    _refused(case, r"warehouse\.duckdb: .*no DuckDB database.*beyond-likes replay")


@disturbance(EVENING, short=True)
def warehouse_gone(case: Case) -> None:
    (case.data / "warehouse.duckdb").unlink()
    case.hits += 1
