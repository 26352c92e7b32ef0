"""Turns a page of records into NDJSON of the declared columns; nothing else passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import orjson

from extractors.core.errors import FatalError
from extractors.core.types import Record, Stream

Keep: TypeAlias = "Callable[[Record], bool]"  # of a picked row: may it be kept
LINE, FETCHED_AT = "_line", "_fetched_at"


class Picker:
    """Picks the declared columns, hashes the personal ones, notes unknown keys in `drift`.

    Shape: a line is {column: value, ..., "_line": n}, for APIs with "_fetched_at"; `_line` is a
    record's own (a file's line number) or counts on from 1. A column that the record lacks is
    absent or null in the line; both become null in raw. Rows that `keep` denies are left out.
    Raises: FatalError when an API record lacks a key column or has an object there (a file's row
    is rejected later).
    """

    def __init__(
        self, stream: Stream, code: Callable[[Any], str | None], keep: Keep | None = None
    ) -> None:
        self._stream, self._code, self._keep = stream, code, keep
        self._paths = {n: tuple((c.path or n).split(".")) for n, c in stream.columns.items()}
        self._known = frozenset(path[0] for path in self._paths.values()) | stream.ignored | {LINE}
        self._plain = all(path == (name,) for name, path in self._paths.items())
        self._groups = _by_parent(self._paths)
        self._keys = itemgetter(*stream.key)
        self.drift: set[str] = set()
        self.lines = 0
        self.kept = 0

    def page(self, records: Sequence[Record], fetched_at: str | None) -> tuple[bytes, int]:
        """Return one line for each record that is kept, each with its line break, and their number.

        Shape: lines that are left out keep their number.
        """
        names: set[str] = set().union(*records)
        self.drift |= names - self._known
        numbers = self._numbers(records)
        rows = self._copied(records, names) if self._plain else self._followed(records)
        for name in self._stream.personal:
            for row in rows:
                row[name] = self._code(row.get(name))
        for row, number in zip(rows, numbers, strict=True):
            row[LINE] = number
            if fetched_at is not None:
                row[FETCHED_AT] = fetched_at
        if self._keep:
            rows = [row for row in rows if self._keep(row)]
        self.kept += len(rows)
        try:
            # str: what files know beside JSON's types, such as decimals.
            lines = [orjson.dumps(row, str, orjson.OPT_APPEND_NEWLINE) for row in rows]
        except TypeError as error:
            what = f"a value cannot be written as JSON ({error})"
            raise FatalError(self._stream.label, what, "Mend the stream's generator") from error
        return b"".join(lines), len(lines)

    def _copied(self, records: Sequence[Record], names: set[str]) -> list[dict[str, Any]]:
        """Return flat records without their surplus: the fast way, as most streams are flat."""
        surplus = names - self._paths.keys()
        rows = [dict(record) for record in records]
        for name in surplus:
            for row in rows:
                row.pop(name, None)
        if self._stream.mode != "file":
            self._check_keys(rows, records)
        return rows

    def _followed(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """Return the columns from wherever they stand in nested records; absent keys stay out."""
        rows = []
        for record in records:
            row: dict[str, Any] = {}
            for parent, leaves in self._groups:
                inner: Any = record
                for step in parent:
                    inner = inner.get(step) if isinstance(inner, dict) else None
                if isinstance(inner, dict):
                    for leaf, name in leaves:
                        if leaf in inner:
                            row[name] = inner[leaf]
            rows.append(row)
        if self._stream.mode != "file":
            self._check_keys(rows, records)
        return rows

    def _check_keys(self, rows: list[dict[str, Any]], records: Sequence[Record]) -> None:
        try:
            for row in rows:
                hash(self._keys(row))  # as text, all objects of a kind would be one row's key
        except TypeError:
            name = next(n for row in rows for n in self._stream.key if type(row[n]) in (dict, list))
            what = f"field {'.'.join(self._paths[name])!r} holds an object, not one value as key"
            do = "Compare with the platform's change log, then mend the stream's columns"
            raise FatalError(self._stream.label, what, do) from None
        except KeyError as error:
            name = str(error.args[0])
            record = next(r for r, row in zip(records, rows, strict=True) if name not in row)
            path = ".".join(self._paths[name])
            what = f"a record has no field {path!r}, it has {sorted(record)}"
            do = "Compare with the platform's change log, then mend the stream's columns"
            raise FatalError(self._stream.label, what, do) from None

    def _numbers(self, records: Sequence[Record]) -> Iterable[int]:
        first = self.lines + 1
        self.lines += len(records)
        if self._stream.mode != "file":
            return range(first, self.lines + 1)
        return [record.get(LINE, number) for number, record in enumerate(records, first)]


Parent = tuple[str, ...]


def _by_parent(paths: dict[str, Parent]) -> list[tuple[Parent, list[tuple[str, str]]]]:
    """Group the columns by the object they stand in, so that each object is looked up once."""
    groups: dict[Parent, list[tuple[str, str]]] = {}
    for name, (*parent, leaf) in paths.items():
        groups.setdefault(tuple(parent), []).append((leaf, name))
    return list(groups.items())
