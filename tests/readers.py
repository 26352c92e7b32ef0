"""Readers of a published folder, as BI tools are: they open it, read every table, and close it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

Digest = tuple[tuple[Any, ...], ...]
Tables = dict[str, list[tuple[Any, ...]]]
READERS = 2
TOLD_BY_ATTEMPTS = ("data_coverage", "reconciliation")


def digest(release: Path) -> Digest:
    """Return name, rows and a checksum of every table, from DuckDB and Parquet of one release."""
    names = sorted(path.stem for path in (release / "parquet").glob("*.parquet"))
    with duckdb.connect(str(release / "marts.duckdb"), read_only=True) as db:
        one = [
            (
                name,
                *_checksum(db, f'"{name}"'),
                *_checksum(db, f"'{release}/parquet/{name}.parquet'"),
            )
            for name in names
            if name not in TOLD_BY_ATTEMPTS
        ]
    return tuple(one)


def _checksum(db: duckdb.DuckDBPyConnection, table: str) -> tuple[Any, ...]:
    row = db.execute(f"select count(*), bit_xor(hash(t)) from {table} t").fetchone()
    assert row
    return row


def tables(release: Path) -> Tables:
    """Return all rows, in their order, of every published fact, dimension and KPI table.

    data_coverage and reconciliation tell how often a source was read: a repeated night differs.
    """
    with duckdb.connect(str(release / "marts.duckdb"), read_only=True) as db:
        names = [row[0] for row in db.execute("select table_name from duckdb_tables()").fetchall()]
        return {
            name: db.execute(f'select * from "{name}"').fetchall()
            for name in sorted(names)
            if name not in TOLD_BY_ATTEMPTS
        }


def raw(warehouse: Path) -> dict[str, tuple[int, str]]:
    """Return row count and checksum of what each raw table says, whatever brought it."""
    with duckdb.connect(str(warehouse), read_only=True) as db:
        names = db.execute("select table_name from duckdb_tables() where schema_name = 'raw'")
        found = {}
        for (name,) in names.fetchall():
            said = f"(select columns(lambda c: not starts_with(c, '_')) from raw.\"{name}\")"
            (row,) = db.execute(
                f"select count(*), coalesce(cast(bit_xor(hash(t)) as varchar), '') from {said} t"
            ).fetchall()
            found[name] = row
        return found


@dataclass
class Readers:
    """What pollers of one published folder saw: how often, which releases, what went wrong.

    They wait `pause` seconds between two looks: a look at every table costs half a CPU second.
    """

    home: Path
    known: set[Digest]
    pause: float = 0.2
    polls: int = 0
    seen: set[Digest] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def polling(self) -> Iterator[Readers]:
        """Poll from threads while the block runs."""
        stop = threading.Event()
        threads = [threading.Thread(target=self._poll, args=(stop,)) for _ in range(READERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _poll(self, stop: threading.Event) -> None:
        last = False
        while not last:
            last = stop.is_set()  # one more look after the end: what readers find from now on
            try:
                found = digest((self.home / "published").resolve(strict=True))
            except Exception as error:
                self.wrong.append(f"{type(error).__name__}: {error}")
            else:
                self.seen.add(found)
                if found not in self.known:
                    self.wrong.append("a mixture of two releases")
            self.polls += 1
            stop.wait(self.pause)
