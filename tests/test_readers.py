"""DuckDB, pandas and Polars open the published folder while nights are published."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.nights import FIRST, Marts

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tests" / "clients" / "published.py"
CLIENTS = ROOT / ".venv-clients" / "bin" / "python"
# DuckDB there is 1.4, the oldest that reads a release and what the Metabase driver carries.
LIBRARIES = dict.fromkeys(("duckdb", "pandas", "polars"), CLIENTS)
LONG = os.environ.get("BEYOND_LIKES_CONNECTORS") == "true"  # said by `make clients`
NIGHTS = 50 if LONG else 15
PATIENCE_SECONDS = 120.0
SUPERSET = ROOT / ".venv-superset" / "bin" / "superset"


def missing(library: str, python: Path) -> bool:
    needs = f"import {library}" if library != "pandas" else "import pandas, pyarrow"
    return not python.exists() or bool(
        subprocess.run([str(python), "-c", needs], capture_output=True, check=False).returncode
    )


class Reader:
    """One library in a process of its own, looking all the time."""

    def __init__(self, library: str, python: Path, folder: Path, **env: str) -> None:
        self.library = library
        self.process = subprocess.Popen(
            [str(python), str(SCRIPT), library, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **env},
        )  # fmt: skip
        self.looks: list[list[Any]] = []
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("["):  # Superset says other things, too
                self.looks.append(json.loads(line))

    def looked_since(self, moment: float) -> None:
        """Wait until a look that began after `moment` is over."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.looks or self.looks[-1][0] < moment:
            assert time.monotonic() < until, f"{self.library} does not look"
            time.sleep(0.001)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.thread.join()
        self.process.wait()


def test_readers_see_one_night_or_the_next_of_many(tmp_path: Path) -> None:
    """No error and no mixture. A release stays for two more publishes: nobody may need longer."""
    absent = [name for name, python in LIBRARIES.items() if missing(name, python)]
    if absent and os.environ.get("CI") == "true":
        pytest.fail(f"not in .venv-clients: {', '.join(absent)} (make test sets it up)")
    marts = Marts(tmp_path / "data")
    marts.release(rows=100)
    with ExitStack() as stack:
        readers = [
            stack.enter_context(Reader(name, python, tmp_path / "data" / "published"))
            for name, python in LIBRARIES.items()
            if name not in absent
        ]
        publish_many(marts, readers)
    judge(readers)
    if absent:
        pytest.skip(f"only some read; not in .venv-clients: {', '.join(absent)}")


def publish_many(marts: Marts, readers: list[Reader]) -> None:
    """Publish the nights after the first as fast as the slowest reader looks."""
    out = [0.0, time.monotonic()]
    for number in range(1, NIGHTS):
        for reader in readers:
            reader.looked_since(out[-2])
        marts.release(FIRST + timedelta(days=number), rows=100 + number)
        out.append(time.monotonic())
    for reader in readers:
        reader.looked_since(out[-1])


def judge(readers: list[Reader]) -> None:
    for reader in readers:
        assert [look for look in reader.looks if not whole(look)] == [], reader.library
        nights = [look[1] for look in reader.looks]
        assert nights == sorted(nights)
        assert len(set(nights)) > NIGHTS // 5
        assert nights[-1] == str(FIRST + timedelta(days=NIGHTS - 1))


@pytest.mark.skipif(not LONG, reason="minutes: `make clients` asks it")
def test_superset_sees_one_night_or_the_next_of_many(tmp_path: Path) -> None:
    """Superset from PyPI with the address and the settings file of docker-compose.yml."""
    env = {
        "SUPERSET_CONFIG_PATH": str(ROOT / "docker" / "superset_config.py"),
        "SUPERSET_SECRET_KEY": "only-for-tests-0123456789-abcdefghij",
        "SUPERSET_DATABASE_URI": f"sqlite:///{tmp_path}/superset.db",
        "FLASK_APP": "superset.app",
    }
    published = tmp_path / "data" / "published"
    address = f"duckdb:///{published}/marts.duckdb?access_mode=read_only"
    marts = Marts(tmp_path / "data")
    marts.release(rows=100)
    for arguments in (
        ["db", "upgrade"],
        ["set-database-uri", "--database_name", "beyond-likes", "--uri", address],
    ):
        done = subprocess.run(
            [str(SUPERSET), *arguments], env={**os.environ, **env}, cwd=tmp_path,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
    with Reader("superset", SUPERSET.with_name("python"), published, **env) as reader:
        publish_many(marts, [reader])
    judge([reader])


def whole(look: list[Any]) -> bool:
    """Tell whether all that a look found is of one night."""
    if len(look) != 5:
        return False
    _, night, low, high, rows = look
    return bool(night == low == high and rows == 100 + (date.fromisoformat(night) - FIRST).days)
