"""What the command line prints: plain lines, a progress bar on a terminal, the scorecard."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

SCORECARD = """
select goal, label, period_start, value, lower_95, upper_95, target, status, numerator, denominator,
    unit, owner
from kpi_scorecard order by goal, kpi
"""
STATUS_STYLE = {"on_target": "green", "off_target": "red", "undecided": "yellow"}
STATE_STYLE = {"broken": "red", "stale": "yellow", "waiting": "yellow", "fresh": "green"}
STEP = re.compile(r"(\d+) of (\d+) (?!START|OK hook)")  # dbt: a finished model or test
WIDE = 150  # columns where there is no terminal to ask


def line(text: str) -> None:
    """Print one plain line at once."""
    print(text, flush=True)  # noqa: T201 - this is the command line's output


def nothing(_text: str) -> None:
    """Print nothing (another program reads the output)."""


def problem(text: str) -> None:
    """Print one error line."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def document(value: Any) -> None:
    """Print one JSON document."""
    line(json.dumps(value, indent=1, default=str))


def distinct(texts: Iterable[str]) -> list[str]:
    """Return the texts once each, in order: a failure is seen by extraction and by the load."""
    return list(dict.fromkeys(texts))


def landed(outcome: dict[str, Any]) -> str:
    """Return the line about one extraction step."""
    if outcome["errors"]:
        return f"  {outcome['label']}: failed"
    return f"  {outcome['label']}: {outcome['rows']} rows"


def loaded(outcomes: list[dict[str, Any]]) -> None:
    """Print one line a stream that had something to load."""
    for outcome in outcomes:
        line(f"{outcome['label']}: {outcome['rows']} rows")
    if not outcomes:
        line("nothing new in landing")


def erased(done: dict[str, Any]) -> None:
    """Print what has left for an erased person, what that changes and what was not reached."""
    for label, count in done["records"].items():
        line(f"  {label}: {count} records")
    where = "landing, raw, marts and releases" if done["published"] else "landing and raw"
    if done["records"]:
        line(f"gone from {where}; figures of earlier days that counted them have changed")
    else:
        line(f"nobody of that value is left in {where}")
    line("kept out from now on, whoever sends it again")
    for file in done["files"]:
        line(f"still in {file}, which is yours: remove the person there")
    for source in done["foreign"]:
        line(f"{source} is loaded by another tool and not reached: remove the person there")


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function to call after each of `total` steps: a bar on a terminal, else lines."""
    if quiet:
        yield nothing
    elif not sys.stdout.isatty():
        yield line
    else:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
        with Progress(*columns, transient=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda text: bar.update(task, advance=1, description=text.strip())


@contextmanager
def building(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function that takes dbt's messages: a bar on a terminal, else a line each fifth."""
    if quiet:
        yield nothing
    elif not sys.stdout.isatty():
        yield _Fifths()
    else:
        with Progress(BarColumn(), MofNCompleteColumn(), transient=True) as bar:
            task = bar.add_task("", total=None)

            def tell(text: str) -> None:
                if found := STEP.match(text):
                    bar.update(task, completed=int(found[1]), total=int(found[2]))

            yield tell


class _Fifths:
    """Prints how far dbt is, five times a build."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, text: str) -> None:
        found = STEP.match(text)
        fifth = 5 * int(found[1]) // int(found[2]) if found else 0
        if found and fifth > self._told:
            self._told = fifth
            line(f"  {found[1]} of {found[2]} models and tests")


def sources(rows: list[dict[str, Any]]) -> None:
    """Print one row a source that is on, what is broken below it, and the others as one line."""
    body = []
    for row in [row for row in rows if row["state"] != "off"]:
        colour = STATE_STYLE.get(row["state"], "dim")
        cells = (row["credentials"], row["last_day"], row["loaded_at"], row["rows"])
        shown = map(_cell, (*cells, row["owner"] or "no owner"))
        body.append([_cell(row["source"]), f"[{colour}]{row['state']}[/]", *shown])
    heads = ["source", "state", "credentials", "last day", "loaded at (UTC)", "rows", "owner"]
    _print(heads, body)
    for row in rows:
        if row["last_error"]:
            line(f"{row['source']}: {row['last_error']}")
    off = [row["source"] for row in rows if row["state"] == "off"]
    if off:
        line(f"off: {', '.join(off)}")


def scorecard(published: Path) -> None:
    """Print the published scorecard: value, interval, target, status and owner of each KPI.

    A goal without data in any KPI is one line.
    """
    with duckdb.connect(str(published / "marts.duckdb"), read_only=True) as db:
        every = db.execute(SCORECARD).fetchall()
    known = {row[0] for row in every if row[7] != "no_data"}
    rows = [row for row in every if row[0] in known]
    body = []
    for goal, label, period, value, low, high, target, status, top, bottom, unit, owner in rows:
        month = f"{period:%Y-%m}" if period else "–"
        of = (
            "" if top is None else f"{_number(top)} / {_number(bottom)}" if bottom else _number(top)
        )
        between = f"{amount(low, unit)} … {amount(high, unit)}" if low is not None else ""
        colour = STATUS_STYLE.get(status, "dim")
        cells = (goal, label, month, amount(value, unit), between, of, amount(target, unit))
        body.append([*map(_cell, cells), f"[{colour}]{status}[/]", _cell(owner or "no owner")])
    heads = ["goal", "KPI", "month", "value", "95 % interval", "of", "target", "status", "owner"]
    if body:
        _print(heads, body)
    for goal, count in Counter(row[0] for row in every if row[0] not in known).items():
        line(f"{goal}: no data for any KPI ({count})")


def amount(value: float | None, unit: str) -> str:
    """Return a figure in its unit; nothing known is a dash, never 0."""
    if value is None or math.isnan(value):
        return "–"
    if unit == "rate":
        return f"{100 * value:.1f} %"
    return _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))


def _print(heads: list[str], rows: list[list[str]]) -> None:
    table = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)
