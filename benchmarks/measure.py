"""Runs a program and reads what it cost from the kernel: CPU seconds and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program and its children cost. Units: `peak_mb` in 10^6 bytes of resident memory."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float
    rows: int = 0


def figures(cost: Cost) -> tuple[str, str, str]:
    """Return CPU seconds, wall seconds and peak of a cost as cells of a table."""
    return f"{cost.cpu_seconds:.1f}", f"{cost.wall_seconds:.1f}", f"{cost.peak_mb:,.0f}"


def run(command: Sequence[str], log: Path) -> Cost:
    """Run `command`, which prints the rows it loaded as its last word.

    Raises: RuntimeError as `spend`, and when it prints nothing.
    """
    cost = spend(command, log)
    words = log.read_text().split()
    if not words:
        raise RuntimeError(f"{command[0]} printed nothing, see {log}")
    return replace(cost, rows=int(words[-1]))


def spend(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run `command` with its output in `log`.

    Shape: user and system time of the program and all children it waited for; the peak is that of
    the largest single process. Raises: RuntimeError that names the log when it fails.
    """
    with log.open("w") as out:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=env)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}, see {log}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024 / 1e6)
