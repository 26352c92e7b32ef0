"""Runs dbt in a process of its own, so that the warehouse is free when it ends, however it ends."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from extractors.core.errors import FatalError, RetriableError
from extractors.core.ledger import FREE_SPACE, is_full

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
BAD = ("error", "fail", "runtime error")
TERM_SECONDS = 15
OTHERS = ("BEYOND_LIKES_", "AIRFLOW_")
CLOCK = re.compile(r"^(\x1b\[0m)?\d\d:\d\d:\d\d  ")


def dbt(
    command: str,
    arguments: Sequence[str] = (),
    *,
    project: Path,
    warehouse: Path,
    work: Path,
    say: Callable[[str], None] = log.info,
) -> None:
    """Run one dbt command on the warehouse; its messages go to `say` as they come.

    Raises: FatalError that names the models and tests that failed; RetriableError where dbt was
    killed.
    """
    work.mkdir(parents=True, exist_ok=True)
    results = work / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("dbt")),
            # Told once, as text: a second log and JSON lines cost a tenth of the build.
            *("--log-format", "text", "--log-level", "info", "--no-use-colors"),
            *("--log-path", str(work / "logs"), "--log-level-file", "none"),
            *(command, *arguments),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target", "night", "--target-path", str(work / "target")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        cwd=warehouse.parent,
        env={**_without_secrets(os.environ), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )
    tail: deque[str] = deque(maxlen=20)
    try:
        for message in _messages(process):
            tail.append(message)
            say(message)
        code = process.wait()
    finally:
        _stop(process)
    if code < 0:  # the system, for want of memory, or whoever stopped the task that waited for it
        what = f"a signal ended it ({signal.Signals(-code).name})"
        raise RetriableError(f"dbt {command}", what, "Run it again; nothing was published")
    if code:
        bad = _failures(results)
        what = f"{len(bad)} failed: " + "; ".join(bad[:5]) if bad else _last_words(tail)
        if is_full(f"{what} {' '.join(tail)}"):
            raise FatalError(f"dbt {command}", f"the disk is full ({what})", FREE_SPACE)
        do = "Mend the named model or data and run `beyond-likes build`; nothing was published"
        raise FatalError(f"dbt {command}", what, do)


def _without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """Leave out what dbt has no use for: credentials of sources, keys of Airflow."""
    return {name: value for name, value in env.items() if not name.startswith(OTHERS)}


def _messages(process: subprocess.Popen[str]) -> Iterator[str]:
    for line in process.stdout or ():
        if message := CLOCK.sub("", line).strip():
            yield message


def _last_words(tail: Iterable[str]) -> str:
    """Return what dbt said before it gave up (it did not come to run anything)."""
    text = " ".join(" ".join(tail).split())
    return text.partition("Encountered an error: ")[2] or text[-300:]


def _failures(results: Path) -> list[str]:
    try:
        rows: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError):  # dbt did not come to write it, or not to its end
        return []
    return [
        f"{row['unique_id']} [{row['status']}] {' '.join((row['message'] or '').split())[:300]}"
        for row in rows
        if row["status"] in BAD
    ]


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(TERM_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """Let Linux end dbt when this process dies, so that no orphan keeps the warehouse locked."""
    ctypes.CDLL("libc.so.6").prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
