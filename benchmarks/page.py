"""Writes what a benchmark measured into docs/performance.md, and leaves everything else there."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import duckdb

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
STEPS = 10_000_000
Tables: TypeAlias = Mapping[str, str]  # Markdown by the place on the page that it fills


def conditions(command: str) -> str:
    """Return when, how and where a measurement begins, and how fast and busy that machine is."""
    start = time.process_time()
    for _ in range(STEPS):
        pass
    loop = time.process_time() - start
    return (
        f"*Measured {datetime.now(UTC):%d %B %Y, %H:%M} UTC by `{command}`: {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, DuckDB {duckdb.__version__}; a loop of ten million"
        f" steps took {loop:.2f} s; load average {os.getloadavg()[0]:.1f} at the start.*"
    )


def write(about: str, tables: Tables, page: Path = PAGE) -> None:
    """Put each table, under what is said `about` it, in its place on the page.

    A place lies between two comments; what is written by hand stays. Raises: SystemExit where the
    page has no such place, after the others are written.
    """
    text, missing = page.read_text(encoding="utf-8"), list[str]()
    for place, table in tables.items():
        head, tail = marks(place)
        before, found, rest = text.partition(head)
        _, ended, after = rest.partition(tail)
        if found and ended:
            text = f"{before}{head}\n{about}\n\n{table.strip()}\n{tail}{after}"
        else:
            missing.append(place)
    page.write_text(text, encoding="utf-8")
    if missing:
        raise SystemExit(f"{page}: no place for {', '.join(missing)}. Add its two comments.")


def marks(place: str) -> tuple[str, str]:
    """Return the comments before and after a place."""
    return f"<!-- {place}: written by `make bench` -->", f"<!-- end of {place} -->"


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    rows = [names, ["---"] * len(names), *([str(cell) for cell in line] for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
