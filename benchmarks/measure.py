"""Runs a program and reads what it cost from the kernel: CPU seconds and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program and its children cost. Units: `peak_mb` in 10^6 bytes of resident memory."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float
    rows: int


def run(command: Sequence[str], log: Path) -> Cost:
    """Run `command`, which prints the rows it loaded as its last word.

    Shape: user and system time of the program and all children it waited for; the peak is that of
    the largest single process. Raises: RuntimeError with the end of its output when it fails.
    """
    with log.open("w+") as out:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        words = out.read().split()
    if process.returncode or not words:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}, see {log}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024 / 1e6, int(words[-1]))
