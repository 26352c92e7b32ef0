"""Compares the rows that a client of others read with those of our own extraction in raw."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from extractors.core import landing, loader
from extractors.core.types import Account, Scan, Stream, Window, streams_of
from extractors.project import modules
from sandbox.serve import Sandbox
from sandbox.servers import MODULES, SECRETS, settings
from tests.clients.front import fronted

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
CONNECTORS = FOLDER.with_name("connectors")
PYTHON = ROOT / ".venv-clients" / "bin" / "python"
ZONE = "Europe/Berlin"
FACTS = ("CLIENT", "STREAMS", "HOSTS", "SOURCE", "LOCK")
KEY = b"only-for-tests-0123456789-abcdefghij"


@dataclass(frozen=True)
class Script:
    """What a script says about itself, read without importing it."""

    name: str
    client: str
    streams: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    source: str = ""
    lock: str = "requirements-clients.lock"

    @classmethod
    def of(cls, file: Path) -> Script | None:
        """Return the facts of one file; None where it is no script."""
        facts = {
            target.id: ast.literal_eval(node.value)
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id in FACTS
        }
        if "CLIENT" not in facts:
            return None
        source, lock = facts.get("SOURCE", file.stem), facts.get("LOCK", cls.lock)
        hosts = facts.get("HOSTS", ())
        return cls(file.stem, facts["CLIENT"], facts["STREAMS"], hosts, source, lock)


def scripts(folder: Path = FOLDER) -> list[Script]:
    """Return the scripts of a folder by name."""
    return [script for file in sorted(folder.glob("*.py")) if (script := Script.of(file))]


def environment_of(lock: str) -> Path:
    """Return the folder that a lock file is installed into."""
    return ROOT / lock.replace("requirements-", ".venv-").removesuffix(".lock")


def environment(sandbox: Sandbox) -> dict[str, str]:
    """Return what every client's process is given: days, credentials, and no way out."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    first, last = str(sandbox.company.first), str(sandbox.day)
    days = {"SANDBOX_FIRST": first, "SANDBOX_LAST": last}
    return {**kept, **SECRETS, **days, "NO_PROXY": "*", "TZ": "UTC", "PYTHONUTF8": "1"}


def read_by_others(sandbox: Sandbox, script: Script, folder: Path) -> dict[str, list[Any]]:
    """Run one script against the sandbox and return its rows; AssertionError where it fails."""
    command = [str(PYTHON), "-m", f"{__package__}.{script.name}", f"{sandbox.url}/{script.name}"]
    with fronted(sandbox, folder / script.name, script.name, script.hosts) as front:
        env = environment(sandbox) | front.env()
        env["SANDBOX_SETTINGS"] = json.dumps(settings(script.name, sandbox.url))
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, f"{script.name}: {script.client} failed\n{done.stderr[-3000:]}"
    rows: dict[str, list[Any]] = json.loads(done.stdout)
    return rows


def read_by_us(
    sandbox: Sandbox, name: str, wanted: Sequence[str], root: Path
) -> dict[str, list[dict[str, Any]]]:
    """Extract streams of one source, as a first night does, and return the rows in raw."""
    own = settings(name, sandbox.url)
    source = modules()[name].SOURCE
    streams = [streams_of(modules()[name])[stream] for stream in wanted]
    lines = {key: str(value) for key, value in own.items()}
    secrets = dict(MODULES[name].CREDENTIALS)
    client = source.connect(Account(name, own["base_url"], lines, secrets))
    client._sleep = lambda _seconds: None
    window = Window.of(sandbox.company.first, sandbox.day, ZONE)
    for stream in streams:
        landing.land(
            stream,
            window,
            stream.extract(client, Scan(window, None, lines)),
            root=root / "landing",
            key=KEY,
        )
    with duckdb.connect(str(root / f"{name}.duckdb")) as db:
        db.execute("set timezone = 'UTC'")
        loader.prepare(db, streams)
        done = loader.load(db, {stream.label: stream for stream in streams}, root / "landing")
        assert [error for one in done for error in one.errors] == []
        return {stream.name: list(_raw(db, stream)) for stream in streams}


def _raw(db: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[dict[str, Any]]:
    found = db.execute(f"select {', '.join(stream.columns)} from raw.{stream.table}")
    for row in found.fetchall():
        yield dict(zip(stream.columns, row, strict=True))


def differences(
    stream: Stream, ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what differs, in words: counts first, then rows that only one side has.

    Only columns that the client gives are compared. Values of personal columns are hashed on our
    side: of them it is compared which rows have one, and how many different ones there are.
    """
    if not theirs or not ours:
        return [f"{stream.label}: {len(ours)} rows of ours, {len(theirs)} of the client"]
    columns = sorted(theirs[0])
    odd = [row for row in theirs if sorted(row) != columns]
    unknown = set(columns) - set(stream.columns)
    if odd or unknown:
        return [f"{stream.label}: rows differ in columns ({odd[:1]}), or none of ours: {unknown}"]
    found = []
    for column in sorted(stream.personal & set(columns)):
        counts = [len({row[column] for row in rows} - {None}) for rows in (ours, theirs)]
        if counts[0] != counts[1]:
            found.append(f"{stream.label}.{column}: {counts[0]} values, the client {counts[1]}")
    mine, other = (Counter(_comparable(stream, columns, row) for row in r) for r in (ours, theirs))
    if len(ours) != len(theirs):
        found.append(f"{stream.label}: {len(ours)} rows of ours, {len(theirs)} of the client")
    for title, rest in (("only ours", mine - other), ("only the client's", other - mine)):
        shown = [dict(zip(columns, row, strict=True)) for row in sorted(rest, key=str)[:2]]
        found += [f"{stream.label}: {title}, {rest.total()} rows, e.g. {shown}"] if rest else []
    return found


def _comparable(stream: Stream, columns: Sequence[str], row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        row[name] is not None
        if name in stream.personal
        else _value(stream.columns[name].type, row[name])
        for name in columns
    )


def _value(kind: str, value: Any) -> Any:
    """Return a value as its column's type means it; ValueError where it is none."""
    if value is None:
        return None
    if kind == "TIMESTAMPTZ":
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    if kind == "DATE":
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    if kind == "BIGINT":
        return int(value)
    if kind == "DOUBLE":
        return round(float(value), 9)
    if kind.startswith("DECIMAL"):
        return Decimal(str(value)).quantize(Decimal("0.0001"))
    if kind == "BOOLEAN":
        return value if isinstance(value, bool) else {"true": True, "false": False}[str(value)]
    return value if isinstance(value, str) else json.dumps(value)
