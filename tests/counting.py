"""Counts what work costs where seconds vary: statements of DuckDB, and rows scanned."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

INTO = "COUNT_STATEMENTS_INTO"  # the file that a build's dbt writes its counts to


class Counting:
    """A connection of DuckDB that counts statements, and rows scanned by table, as DuckDB tells.

    Its cursors count for themselves and join it in `opened`.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, opened: list[Counting]) -> None:
        self._db, self._opened, self._running = db, opened, False
        self.statements = 0
        self._scanned: Counter[str] = Counter()
        db.execute("set enable_profiling = 'no_output'")
        opened.append(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._settle()
        self._db.close()

    def cursor(self) -> Counting:
        return Counting(self._db.cursor(), self._opened)

    def reset(self) -> None:
        """Count from here on."""
        self._settle()
        self.statements = 0
        self._scanned.clear()

    @property
    def scanned(self) -> Counter[str]:
        """Rows that scans of each table have read so far, by its name with the schema."""
        self._settle()
        return self._scanned

    def execute(self, sql: str, parameters: object = None) -> Counting:
        self._settle()
        self._db.execute(sql, parameters)
        self.statements, self._running = self.statements + 1, True
        return self

    def executemany(self, sql: str, parameters: list[Any]) -> Counting:
        for one in parameters:
            self.execute(sql, one)
        return self

    def _settle(self) -> None:
        """Note the last statement: rows that were fetched late are scanned late."""
        if self._running:
            self._running = False
            for operator in json.loads(self._db.get_profiling_information()).get("operator", ()):
                self._note(operator)

    def _note(self, operator: dict[str, Any]) -> None:
        if table := operator["extra_info"].get("Table"):
            self._scanned[table.partition(".")[2]] += operator["rows_scanned"]
        for child in operator.get("children", ()):
            self._note(child)


@contextmanager
def counted() -> Iterator[list[Counting]]:
    """Let every connection that is opened in the block count; yield them in order."""
    opened: list[Counting] = []
    connect = duckdb.connect

    def counting(*arguments: Any, **options: Any) -> Counting:
        return Counting(connect(*arguments, **options), opened)

    with patch.object(duckdb, "connect", counting):
        yield opened


def total(opened: Iterable[Counting]) -> Counter[str]:
    """Return the rows that all of them scanned, by table."""
    return sum((db.scanned for db in opened), Counter())


@contextmanager
def told() -> Iterator[None]:
    """Write what the block's statements cost to the file that the environment names, if it does."""
    if INTO not in os.environ:
        yield
        return
    with counted() as opened:
        try:
            yield
        finally:
            cost = {"statements": sum(db.statements for db in opened), "scanned": total(opened)}
            Path(os.environ[INTO]).write_text(json.dumps(cost), encoding="utf-8")
