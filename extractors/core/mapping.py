"""Mapping: what sources.yml says about one kind of export file, checked when it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from extractors.core.errors import UsageError
from extractors.core.table import Reading
from extractors.core.types import Stream

VERSION = 1  # counts up when the same mapping gives other cells: files are then landed again
TIMES = ("DATE", "TIMESTAMPTZ")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class FileMapping:
    """One mapping of an entity.

    Shape: by our column names: `columns` the file's column, `values` replacements of whole cells
    (None makes the cell empty), `formats` strptime formats (the first that fits), `derive` SQL
    expressions, `constants` texts. `files` are patterns; none means the default folder.
    """

    stream: Stream
    timezone: str
    files: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | None] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None

    @property
    def adapts(self) -> bool:
        """Whether the file's names are foreign, so that further columns are no surprise."""
        return bool(self.columns or self.derive or self.constants)

    @property
    def reading(self) -> Reading:
        """How to read the file."""
        expected = {*self.stream.columns, *self.columns.values()}
        return Reading(self.encoding, self.delimiter, self.decimal, self.sheet, expected)

    @property
    def digest(self) -> str:
        """Return 16 hex digits that change with anything that changes what is landed."""
        parts = {name: getattr(self, name) for name in OPTIONS if name != "files"}
        schema = {name: column.type for name, column in self.stream.columns.items()}
        body = json.dumps([VERSION, parts, schema], sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()[:16]


def read(stream: Stream, lines: Any, timezone: str) -> FileMapping:
    """Return one mapping of `stream` from its lines in sources.yml.

    Raises: UsageError that names an unknown option or column and the allowed ones.
    """
    where = stream.label
    if not isinstance(lines, Mapping):
        raise _wrong(where, f"a mapping is a set of options, not {_shown(lines)}", OPTIONS)
    for option in lines:
        if option not in OPTIONS:
            raise _wrong(where, f"unknown option {option!r}", OPTIONS)
    by_column: dict[str, Any] = {
        option: _by_column(stream, option, lines.get(option), parse)
        for option, parse in PARSERS.items()
    }
    plain: dict[str, Any] = {name: _plain(where, name, lines.get(name)) for name in PLAIN}
    zone = plain.pop("timezone") or timezone
    own = FileMapping(stream, zone, _files(where, lines.get("files")), **by_column, **plain)
    _check(own)
    return own


def _check(own: FileMapping) -> None:
    where = own.stream.label
    if own.decimal not in (None, ",", "."):
        raise _wrong(where, f"decimal is {own.decimal!r}", ('","', '"."'))
    try:
        ZoneInfo(own.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        what = f"timezone {own.timezone!r} is no IANA name"
        raise UsageError(where, what, "Write it as Europe/Berlin") from error
    for name in own.formats:
        if own.stream.columns[name].type not in TIMES:
            times = [n for n, c in own.stream.columns.items() if c.type in TIMES]
            raise _wrong(where, f"formats is for dates and times, {name} is neither", times)
    ways = {"columns": own.columns, "derive": own.derive, "constants": own.constants}
    for name in own.stream.columns:
        said = [option for option, names in ways.items() if name in names]
        if len(said) > 1:
            raise UsageError(where, f"{name} stands in {' and '.join(said)}", "Keep one of them")


def _by_column(
    stream: Stream, option: str, lines: Any, parse: Callable[[str, Any], Value]
) -> dict[str, Value]:
    if lines is None:
        return {}
    if not isinstance(lines, Mapping):
        what = f"{option} is {_shown(lines)}, not a list of `our column: ...`"
        raise UsageError(stream.label, what, "Compare with docs/how-to/own-export.md")
    for name in lines:
        if name not in stream.columns:
            raise _wrong(stream.label, f"{option}: unknown column {name!r}", stream.columns)
    return {name: parse(f"{stream.label} {option} {name}", line) for name, line in lines.items()}


def _text(where: str, value: Any) -> str:
    if isinstance(value, (Mapping, list)) or value is None or value == "":
        raise UsageError(where, f"expected a text, found {_shown(value)}", "Write one text")
    return _constant(where, value) or ""


def _constant(where: str, value: Any) -> str | None:
    """Return a YAML scalar as the text of a cell; dates and numbers as YAML understood them."""
    if isinstance(value, (Mapping, list)):
        raise UsageError(where, f"expected one value, found {_shown(value)}", "Write one value")
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _values(where: str, value: Any) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        do = 'Write {"their value": ours}'
        raise UsageError(where, f"expected pairs of values, found {_shown(value)}", do)
    for theirs in value:
        if isinstance(theirs, bool) or theirs is None:
            what = f"YAML reads a bare yes, no, on, off or null as {theirs!r}"
            raise UsageError(where, what, 'Put the value in quotes: {"yes": ...}')
    return {str(theirs).strip(): _constant(where, ours) for theirs, ours in value.items()}


def _formats(where: str, value: Any) -> tuple[str, ...]:
    return tuple(_text(where, one) for one in (value if isinstance(value, list) else [value]))


def _files(where: str, value: Any) -> tuple[str, ...]:
    if value is None:
        raise UsageError(where, "a mapping has no files", "Add files: with a path or pattern")
    listed = value if isinstance(value, list) else [value]
    return tuple(_text(f"{where} files", one) for one in listed)


def _plain(where: str, option: str, value: Any) -> str | None:
    return None if value is None else _text(f"{where} {option}", value)


def _shown(value: Any) -> str:
    return "nothing" if value is None or value == "" else f"a {type(value).__name__}"


def _wrong(where: str, what: str, allowed: Collection[str]) -> UsageError:
    return UsageError(where, what, f"Choose from: {', '.join(allowed)}")


PARSERS: Mapping[str, Callable[[str, Any], Any]] = {
    "columns": _text,
    "values": _values,
    "formats": _formats,
    "derive": _text,
    "constants": _constant,
}
PLAIN = ("encoding", "delimiter", "decimal", "timezone", "sheet")
OPTIONS = ("files", *PARSERS, *PLAIN)
