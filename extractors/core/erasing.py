"""Who is to be forgotten: a list of pseudonyms, and which rows leave with it.

A record is erased, not a row: what has once named the person leaves in all its versions, and with
it the rows of its source that hold its key (`Column.of`, `Column.takes`).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from extractors.core.errors import FatalError
from extractors.core.keeping import write_private
from extractors.core.privacy import key_id, onward, pseudonymiser
from extractors.core.types import Stream

# By whom they name: "" is a person in every system, "zendesk.users" a record of that stream.
Names: TypeAlias = "Mapping[str, frozenset[str]]"
EVERYWHERE = ""


class Erased:
    """The list of erased persons and records, shared by all processes of a home.

    Shape: a file of pseudonyms and the id of their key, mode 0600; plain ids of records are hashed,
    too. After a rotation of the key the list is read as the new key's.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._file, self._key = file, key

    def read(self) -> Names:
        """Return the names; FatalError where they were hashed with another key."""
        return self._read()[0]

    def _read(self) -> tuple[Names, bool]:
        """Return the names and whether they stand in the file as the present key's."""
        if not self._file.exists():
            return {}, True
        kept = json.loads(self._file.read_text("utf-8"))
        follow = onward(self._key, kept["key_id"])
        if not follow and kept["key_id"] != key_id(self._key):
            what = f"the list was made with key {kept['key_id']}, this key is {key_id(self._key)}"
            do = "Bring that key back; a new one is a second line below it"
            raise FatalError(str(self._file), what, do)
        names = {
            scope: frozenset(str(follow(one)) if follow else one for one in found)
            for scope, found in kept["names"].items()
        }
        return names, follow is None

    def add(self, found: Mapping[str, Iterable[str]]) -> bool:
        """Add names, safe on disk when this returns; return whether any was new.

        What is on the list already is written as the present key's.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._turn():
            known, current = self._read()
            merged = {
                scope: known.get(scope, frozenset()) | set(found.get(scope, ()))
                for scope in {*known, *found}
            }
            if merged != known or not current:
                body = {scope: sorted(names) for scope, names in sorted(merged.items())}
                text = json.dumps({"key_id": key_id(self._key), "names": body}, indent=1)
                write_private(self._file, text, replace=True)
        return merged != known

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._file.with_suffix(".lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def digest(names: Names) -> str:
    """Return 16 hex digits that change with the list; empty for an empty one."""
    body = json.dumps({scope: sorted(found) for scope, found in names.items()}, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16] if names else ""


class Screen:
    """Tells which rows of one stream, as landed, are an erased person's.

    Shape: `found` collects what leaves with these rows, for the list.
    """

    def __init__(self, stream: Stream, names: Names, key: bytes) -> None:
        self.found: dict[str, set[str]] = {}
        self._stream, self._code = stream, pseudonymiser(key)
        self._asked: list[tuple[str, frozenset[str], bool]] = []  # column, names, is a plain id
        self._taken: list[tuple[str, str, bool]] = []  # column, scope, is a plain id
        for name, column in stream.columns.items():
            plain = not column.personal
            scopes = [f"{stream.source}.{one}" for one in column.of]
            if (name,) == stream.key:
                scopes.append(stream.label)
                self._taken.append((name, stream.label, plain))
            if name in stream.identities:
                scopes.append(EVERYWHERE)
            if column.takes:
                self._taken.append((name, f"{stream.source}.{column.takes}", plain))
            if wanted := frozenset().union(*(names.get(scope, frozenset()) for scope in scopes)):
                self._asked.append((name, wanted, plain))

    def leaves(self, row: Mapping[str, Any]) -> bool:
        """Return whether the row is to be left out, and note what leaves with it."""
        if not any(self._coded(row.get(n), plain) in names for n, names, plain in self._asked):
            return False
        for name, scope, plain in self._taken:
            if coded := self._coded(row.get(name), plain):
                self.found.setdefault(scope, set()).add(coded)
        return True

    def _coded(self, value: Any, plain: bool) -> str | None:
        return self._code(value) if plain else value
