"""Turns a page of records into NDJSON of the declared columns; nothing else passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import orjson

from extractors.core.errors import FatalError
from extractors.core.types import Record, Stream

FIRST = "_line"  # the first key of every line: where one line ends and the next begins
_ABSENT: Any = object()
OBJECTS = frozenset({dict, list})


class Picker:
    """Picks the declared columns, hashes the personal ones, notes unknown keys in `drift`.

    Shape: a line is {"_line": n, column: value, ...}, for APIs with "_fetched_at"; `_line` is a
    record's own (a file's line number) or counts on from 1. Absent or null stays null.
    Raises: FatalError when an API record lacks a key column (a file's row is rejected later).
    """

    def __init__(self, stream: Stream, code: Callable[[Any], str | None]) -> None:
        self._stream, self._code = stream, code
        self._names = tuple(stream.columns)
        self._paths = tuple(tuple((c.path or n).split(".")) for n, c in stream.columns.items())
        self._personal = tuple(i for i, n in enumerate(self._names) if n in stream.personal)
        self._keys = tuple(i for i, n in enumerate(self._names) if n in stream.key)
        self._known = frozenset(path[0] for path in self._paths) | stream.ignored | {FIRST}
        self._flat = _getter(self._paths)
        self.drift: set[str] = set()
        self.lines = 0

    def page(self, records: Sequence[Record], fetched_at: str | None) -> bytes:
        """Return one line for each record, each with its line break."""
        self.drift.update(_names_of(records, self._known))
        rows = [self._values(record) for record in records]
        self._check_keys(rows)
        for index in self._personal:
            code = self._code
            for row in rows:
                row[index] = code(row[index])
        names = (FIRST, *self._names)
        numbers = self._numbers(records)
        if fetched_at is None:
            pairs: Iterable[Any] = ((n, *row) for n, row in zip(numbers, rows, strict=True))
        else:
            names = (*names, "_fetched_at")
            pairs = ((n, *row, fetched_at) for n, row in zip(numbers, rows, strict=True))
        return self._dump([dict(zip(names, pair, strict=True)) for pair in pairs])

    def _values(self, record: Record) -> list[Any]:
        if self._flat is not None:
            try:
                return list(self._flat(record))
            except KeyError:
                pass
        values = [_follow(record, path) for path in self._paths]
        if self._stream.mode != "file":
            for index in self._keys:
                if values[index] is _ABSENT:
                    self._refuse(index, record)
        return [None if value is _ABSENT else value for value in values]

    def _refuse(self, index: int, record: Record) -> None:
        path = ".".join(self._paths[index])
        what = f"a record has no field {path!r}, it has {sorted(record)}"
        do = "Compare with the platform's change log, then mend the stream's columns"
        raise FatalError(self._stream.label, what, do)

    def _check_keys(self, rows: list[list[Any]]) -> None:
        """Refuse an object as key: as text, objects of one shape would all be the same row."""
        for index in self._keys:
            if OBJECTS.intersection(map(type, map(itemgetter(index), rows))):
                path = ".".join(self._paths[index])
                what = f"field {path!r} holds an object where one value is expected"
                do = "Compare with the platform's change log, then mend the stream's columns"
                raise FatalError(self._stream.label, what, do)

    def _numbers(self, records: Sequence[Record]) -> Iterable[int]:
        first = self.lines + 1
        self.lines += len(records)
        if self._stream.mode != "file":
            return range(first, self.lines + 1)
        return [record.get(FIRST, number) for number, record in enumerate(records, first)]

    def _dump(self, lines: list[dict[str, Any]]) -> bytes:
        if not lines:
            return b""
        try:
            text = orjson.dumps(lines, default=str)
        except TypeError as error:
            what = f"a value cannot be written as JSON ({error})"
            raise FatalError(self._stream.label, what, "Mend the stream's generator") from error
        # Inside a text every quote is escaped, so this can only be the border of two records,
        # unless a value holds records with a field _line: then the count betrays it.
        body = text[1:-1].replace(b'},{"_line":', b'}\n{"_line":')
        if body.count(b"\n") != len(lines) - 1:
            body = b"\n".join([orjson.dumps(line, default=str) for line in lines])
        return body + b"\n"


def _getter(paths: tuple[tuple[str, ...], ...]) -> Callable[[Record], Sequence[Any]] | None:
    """Return the fast way for flat records: one call that reads all fields."""
    if any(len(path) > 1 for path in paths):
        return None
    if len(paths) == 1:
        name = paths[0][0]
        return lambda record: (record[name],)
    return itemgetter(*(path[0] for path in paths))


def _follow(record: Record, path: tuple[str, ...]) -> Any:
    value: Any = record
    for step in path:
        if not isinstance(value, Mapping):
            return _ABSENT if value is None else None
        value = value.get(step, _ABSENT)
        if value is _ABSENT:
            return _ABSENT
    return value


def _names_of(records: Sequence[Record], known: frozenset[str]) -> set[str]:
    """Return the unknown top-level names of a page: names only, never a value."""
    return set().union(*records) - known
