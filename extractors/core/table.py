"""Table: one exported file as lines of text cells, and what a person may say about reading it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

SHOWN = 60  # names in a message, and characters of each
RESERVED = ("_file", "_line", "_problem")


class Row(NamedTuple):
    """One record: the line it starts on, one text a column, and why it cannot be used, if so."""

    line: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One file while it is read.

    Shape: `columns` are the file's own names, unique without regard to case; `doubled` names
    occur more than once in the file; `rows` can be read once; `typed` files know dates and numbers
    as such, their dates come as ISO text.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    doubled: frozenset[str] = frozenset()
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file; None means: find out.

    Shape: `expected` are column names that help to tell the delimiter.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    expected: Collection[str] = field(default_factory=tuple)


def header(cells: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return unique column names for a header line, and the names that occur twice.

    Shape: a nameless column is called column_3, a second Status is called `Status (2)`.
    """
    taken = {name.casefold() for name in RESERVED}
    names, doubled = [], set()
    for number, cell in enumerate(cells, 1):
        own = cell.strip().lstrip("\ufeff") or f"column_{number}"
        name, copy = own, 1
        while name.casefold() in taken:
            copy += 1
            name = f"{own} ({copy})"
        if copy > 1:
            doubled.add(own.casefold())
        taken.add(name.casefold())
        names.append(name)
    return tuple(names), frozenset(doubled - set(RESERVED))


def fit(line: int, cells: list[str], width: int) -> Row | None:
    """Return the row as wide as the header, or None for a blank one.

    Shape: missing cells are empty and further blank ones dropped; a row with more filled cells
    than the header has names is a problem, because nobody knows which cell is which.
    """
    if not any(cell and not cell.isspace() for cell in cells):
        return None
    count = len(cells)
    if count == width:
        return Row(line, cells)
    if count < width:
        return Row(line, cells + [""] * (width - count))
    if any(cell.strip() for cell in cells[width:]):
        return Row(line, cells[:width], f"the row has {count} cells, the header {width}")
    return Row(line, cells[:width])


def listed(columns: Sequence[str]) -> str:
    """Return the names of a file's columns for a message.

    A file without a header has a row in its place, perhaps a person's: addresses are left out.
    """
    names = ["an address" if "@" in name else name[:SHOWN] for name in columns[:SHOWN]]
    return ", ".join(names) + (", ..." if len(columns) > SHOWN else "")


def batches(rows: Iterable[Row], *, size: int, characters: int) -> Iterator[list[Row]]:
    """Return rows in lists of at most `size` rows and about as many characters as given."""
    batch: list[Row] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += sum(map(len, row.cells))
        if len(batch) >= size or weight >= characters:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def text(value: Any, decimal: str | None = None) -> str:
    """Return a typed value as the text that a CSV export of it would hold; nothing is ''."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        midnight = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        whole = value.is_integer() and abs(value) < 1e15
        return number(str(int(value)) if whole else repr(value), decimal)
    return str(value)


def number(digits: str, decimal: str | None) -> str:
    """Return a number in the notation that the mapping declares, so that it is read as such."""
    return digits.replace(".", ",") if decimal == "," else digits
