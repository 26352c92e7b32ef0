"""Checks of tables that people keep by hand; every complaint names the line and what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from extractors.core.errors import FatalError
from extractors.core.table import Table, listed

SAFE_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
DOTTED_DATE = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
PLAIN_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*([.,]\d+)?")
GAPS = re.compile(r"[\s\u00a0\u202f'’]")
OPEN_START, OPEN_END = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: `where` names file and line, `cells` are trimmed, blank ones absent."""

    where: str
    number: int
    cells: Mapping[str, str]

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the cell, `default` when it is blank."""
        return self.cells.get(name, default)

    def need(self, name: str) -> str:
        """Return the cell. Raises: FatalError when it is blank."""
        value = self.cells.get(name)
        if value is None:
            raise self.wrong(f"{name} is empty", f"Fill in {name}, or remove the line")
        return value

    def one_of(self, name: str, allowed: Collection[str]) -> str | None:
        """Return the cell in lower case. Raises: FatalError when it is not an allowed one."""
        value = (self.cells.get(name) or "").lower()
        if not value or value in allowed:
            return value or None
        raise self.wrong(f"{name} {value!r} is unknown", suggestion(value, allowed))

    def day(self, name: str) -> date | None:
        """Return the cell as a date: 2026-07-01 or 1.7.2026."""
        value = self.cells.get(name)
        if value is None:
            return None
        found = SAFE_DATE.fullmatch(value)
        dotted = DOTTED_DATE.fullmatch(value)
        try:
            if found:
                return date(*map(int, found.groups()))
            if dotted:
                return date(*map(int, reversed(dotted.groups())))
        except ValueError as error:
            what = f"{name} {value!r} is no day of the calendar"
            raise self.wrong(what, "Write it as 2026-07-01") from error
        raise self.wrong(f"{name} {value!r} is no readable date", "Write it as 2026-07-01")

    def number_of(self, name: str) -> float:
        """Return the cell as a number: 12.5, 12,5, 1.234,5 or 15 %."""
        value = self.need(name)
        bare = GAPS.sub("", value.removesuffix("%"))
        if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", bare):
            plain = bare.replace(",", "")
            what = f"{name} {value!r} can be read in two ways"
            raise self.wrong(what, f"Write {plain} or {bare.replace(',', '.')}")
        digits = _plain(bare)
        if digits is None:
            raise self.wrong(f"{name} {value!r} is not a number", "Write it as 12.5")
        return float(digits) / (100 if value.endswith("%") else 1)

    def wrong(self, what: str, do: str) -> FatalError:
        """Return the complaint about this line."""
        return FatalError(self.where, what, do)


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a validity, both included, of one line."""

    first: date
    last: date
    line: Line

    @classmethod
    def of(cls, line: Line, start: str = "valid_from", end: str = "valid_to") -> Period:
        """Return the period of two cells; blank ones are open. Raises: FatalError when turned."""
        first, last = line.day(start) or OPEN_START, line.day(end) or OPEN_END
        if last < first:
            what = f"{end} {last} lies before {start} {first}"
            raise line.wrong(what, "Swap or correct the two dates")
        return cls(first, last, line)

    def __str__(self) -> str:
        """Return the period in words."""
        if self.last == OPEN_END:
            return "always" if self.first == OPEN_START else f"from {self.first} on"
        return f"until {self.last}" if self.first == OPEN_START else f"{self.first} to {self.last}"


def no_overlap(periods: Iterable[Period], what: str) -> None:
    """Raise FatalError when two of the periods share a day, naming the later line."""
    last: Period | None = None
    for period in sorted(periods, key=lambda one: (one.first, one.line.number)):
        if last is not None and period.first <= last.last:
            early, late = sorted((last, period), key=lambda one: one.line.number)
            text = f"{what} overlaps line {early.line.number} ({early})"
            raise late.line.wrong(text, "End one before the other begins")
        last = period


def lines_of(
    table: Table, where: str, columns: Collection[str], required: Collection[str]
) -> list[Line]:
    """Return the table's lines under our column names.

    Shape: a header may have blanks, hyphens or capitals (`Contact name`); columns of the company's
    own are left out.
    Raises: FatalError on a missing column, or one that looks like a misspelt one of ours.
    """
    places = {re.sub(r"[\s-]+", "_", name.strip().casefold()): n
              for n, name in reversed(list(enumerate(table.columns)))}  # fmt: skip
    for name in places:
        near = [] if name in columns else difflib.get_close_matches(name, columns, 1, 0.8)
        if near and near[0] not in places:
            what = f"column {name} is unknown"
            raise FatalError(where, what, f"Call it {near[0]}, if that is what it holds")
    for name in required:
        if name not in places:
            what = f"column {name} is missing; the file has: {listed(table.columns)}"
            raise FatalError(where, what, f"Add the column {name}")
    lines = []
    for row in table.rows:
        cells = {name: row.cells[place].strip() for name, place in places.items()}
        line = Line(f"{where} line {row.line}", row.line, {n: c for n, c in cells.items() if c})
        if row.problem:
            raise line.wrong(row.problem, "Put a cell that holds the delimiter in double quotes")
        lines.append(line)
    return lines


def suggestion(value: str, allowed: Collection[str]) -> str:
    """Return what to write instead: the nearest allowed text, or all of them."""
    near = difflib.get_close_matches(value, allowed, 1, 0.6)
    return f"Write {near[0]}" if near else f"Choose from: {', '.join(sorted(allowed))}"


def _plain(bare: str) -> str | None:
    """Return digits with a point, null when the text is no number."""
    if PLAIN_NUMBER.fullmatch(bare):
        return bare.replace(",", ".")
    grouped = GROUPED_NUMBER.fullmatch(bare)
    if grouped is None or grouped[1] == (grouped[2] or " ")[0]:
        return None
    return bare.replace(grouped[1], "").replace(",", ".")
