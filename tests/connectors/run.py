"""Runs a connector, speaking Airbyte's protocol or Singer's, and returns its records by stream."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Found: TypeAlias = "dict[str, list[dict[str, Any]]]"
TIMEOUT = 600  # Airbyte's take half a minute to start on a busy machine


def airbyte(
    command: Path, config: Mapping[str, Any], theirs: Sequence[str], env: dict[str, str], home: Path
) -> Found:
    """Read streams in full; a catalog needs no more of them than names."""
    modes = ["full_refresh", "incremental"]
    chosen = [
        {
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": modes},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "overwrite",
        }
        for name in theirs
    ]
    files = _write(home, config=config, catalog={"streams": chosen})
    said = _run([command, "read", *files], env, home)
    found: Found = {name: [] for name in theirs}
    for message in _messages(said):
        if message.get("type") == "RECORD":
            found[message["record"]["stream"]].append(message["record"]["data"])
    return found


def singer(
    command: Path, config: Mapping[str, Any], theirs: Sequence[str], env: dict[str, str], home: Path
) -> Found:
    """Let the tap discover its catalog, choose streams with all their fields, and read them."""
    files = _write(home, config=config)
    catalog = json.loads(_run([command, *files, "--discover"], env, home))
    for stream in catalog["streams"]:
        if stream["tap_stream_id"] in theirs:
            stream["schema"]["selected"] = True
            for one in stream["metadata"]:
                one["metadata"]["selected"] = True
    said = _run([command, *_write(home, config=config, catalog=catalog)], env, home)
    found: Found = {name: [] for name in theirs}
    for message in _messages(said):
        if message.get("type") == "RECORD":
            found[message["stream"]].append(message["record"])
    return found


def _write(home: Path, **files: Any) -> list[str]:
    """Write files and return the options that name them."""
    options = []
    for name, body in files.items():
        file = home / f"{name}.json"
        file.write_text(json.dumps(body), encoding="utf-8")
        options += [f"--{name}", str(file)]
    return options


def _run(command: Sequence[str | Path], env: dict[str, str], home: Path) -> str:
    done = subprocess.run(
        command, cwd=home, env=env, capture_output=True, text=True, check=False, timeout=TIMEOUT
    )
    said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.returncode == 0, f"{Path(command[0]).name} failed\n{said}"
    return done.stdout


def _messages(said: str) -> Iterator[dict[str, Any]]:
    for line in said.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
