"""Evaluator: a mapping as one SQL select, run over batches of a file's text cells.

The database lives in memory, cannot open files, has no folder to spill to and cannot be told
otherwise by an expression: what a person's export holds stays in memory until it is hashed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from extractors.core import cells
from extractors.core.errors import FatalError
from extractors.core.mapping import FileMapping
from extractors.core.table import Row, Table, listed

Allowed = Mapping[str, Sequence[str]]
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "threads": "1",
}


class Evaluator:
    """Turns batches of one file's rows into records of its entity.

    Shape: a record has all columns of the entity, as text or null, and `_line`. `allowed` texts of
    a column are compared in lower case; another text makes the row unusable.
    Raises: FatalError on a missing column or an expression that is not valid.
    """

    def __init__(
        self, mapping: FileMapping, table: Table, where: str, *, file: str, allowed: Allowed
    ) -> None:
        self._mapping, self._table, self._where, self._file = mapping, table, where, file
        self._sources = self._resolve()
        self._needed = self._find_needed()
        self._names = [*self._sources, *mapping.derive, *mapping.constants]
        self._sql = self._write(allowed)
        self._db = duckdb.connect(":memory:", config=LOCKED)
        self._db.execute(f"set timezone = {cells.quote(mapping.timezone)}")
        self._db.execute("set lock_configuration = true")
        self._check()

    def close(self) -> None:
        """Free the database."""
        self._db.close()

    @property
    def unused(self) -> list[str]:
        """Columns of the file that nothing asks for."""
        used = {column.casefold() for column in self._needed}
        return [column for column in self._table.columns if column.casefold() not in used]

    def records(self, batch: Sequence[Row]) -> list[dict[str, Any]]:
        """Return one record a row. Raises: FatalError when an expression fails on a row."""
        columns = [[row.cells[at] for row in batch] for at in self._needed.values()]
        lines, problems = [row.line for row in batch], [row.problem for row in batch]
        try:
            found = self._db.execute(self._sql, [*columns, lines, problems]).fetchall()
        except duckdb.Error as error:
            # The database's own text may show a cell, so it is not repeated.
            what = f"derive fails on a row of lines {lines[0]} to {lines[-1]}"
            do = f"Allow for every value in {', '.join(self._mapping.derive)}, such as try_cast()"
            raise FatalError(self._where, what, do) from error.with_traceback(None)
        if len(found) != len(batch):
            what = f"derive makes {len(found)} rows of {len(batch)}"
            raise FatalError(self._where, what, "Derive one value a row")
        absent = [name for name in self._mapping.stream.columns if name not in self._names]
        names, nothing = ("_line", *self._names, *absent), (None,) * len(absent)
        return [dict(zip(names, (*row, *nothing), strict=True)) for row in found]

    def _resolve(self) -> dict[str, str]:
        """Return our column → the file's column; a name that only differs in case is found too."""
        exact = {column: column for column in self._table.columns}
        folded = {column.casefold(): column for column in reversed(self._table.columns)}
        sources: dict[str, str] = {}
        for name in self._mapping.stream.columns:
            if name in self._mapping.derive or name in self._mapping.constants:
                continue
            asked = self._mapping.columns.get(name, name).strip()
            column = exact.get(asked) or folded.get(asked.casefold())
            if column is None and (
                name in self._mapping.columns or name in self._mapping.stream.required
            ):
                raise self._missing(name, asked)
            if column is not None and column.casefold() in self._table.doubled:
                what = f"two columns are called {column}"
                raise FatalError(self._where, what, "Rename one of them in the export")
            if column is not None:
                sources[name] = column
        return sources

    def _missing(self, name: str, asked: str) -> FatalError:
        what = f"column {asked} is missing; the file has: {listed(self._table.columns)}"
        if name in self._mapping.columns:
            do = f"Correct it in sources.yml (columns: {{{name}: ...}}) or export that column"
        else:
            do = f"Map it in sources.yml (columns: {{{name}: ...}})"
        return FatalError(self._where, what, do)

    def _find_needed(self) -> dict[str, int]:
        """Return the columns that the select can name, and where they stand in a row."""
        said = "\n".join(self._mapping.derive.values()).casefold()
        everything = "columns(" in said.replace(" ", "") or "*" in said
        mapped = set(self._sources.values())
        return {
            column: at
            for at, column in enumerate(self._table.columns)
            if column in mapped or everything or cells.name(column).casefold()[1:-1] in said
        }

    def _write(self, allowed: Allowed) -> str:
        own = self._mapping
        lists = [
            f"unnest(${at}::varchar[]) as {cells.name(c)}" for at, c in enumerate(self._needed, 1)
        ]
        count = len(lists)
        lists.append(f"unnest(${count + 1}::bigint[]) as _number")
        lists.append(f"unnest(${count + 2}::varchar[]) as _problem")
        raw = {name: cells.name(column) for name, column in self._sources.items()}
        raw |= {name: f"cast((\n{sql}\n) as varchar)" for name, sql in own.derive.items()}
        raw |= {name: _literal(value) for name, value in own.constants.items()}
        trimmed = [f"{cells.trimmed(raw[name])} as {cells.name(name)}" for name in self._names]
        valued = [
            f"{cells.replaced(cells.name(name), own.values.get(name, {}))} as {cells.name(name)}"
            for name in self._names
        ]
        final = [f"{self._typed(name, allowed)} as {cells.name(name)}" for name in self._names]
        return f"""
            with listed as (select {", ".join(lists)}),
            file as (
                select *, cast(_number as varchar) as _line, {cells.quote(self._file)} as _file
                from listed),
            named as (select {", ".join([*trimmed, "_number", "_problem"])} from file),
            valued as (select {", ".join([*valued, "_number", "_problem"])} from named)
            select {", ".join(["_number", *final])} from valued
        """

    def _typed(self, name: str, allowed: Allowed) -> str:
        own, cell = self._mapping, cells.name(name)
        kind = own.stream.columns[name].type
        formats = own.formats.get(name, ())
        iso = self._table.typed or not formats
        expression = cells.typed(cell, kind, formats=formats, decimal=own.decimal, iso=iso)
        if name in allowed:
            expression = f"lower({expression})"
        if name != self._marker:
            return expression
        problems = ["_problem", *(_not_among(c, allowed[c]) for c in allowed if c in self._names)]
        return f"coalesce({', '.join([*problems, expression])})"

    @property
    def _marker(self) -> str | None:
        """The required column whose type takes no sentence: it carries why a row is unusable."""
        stream = self._mapping.stream
        typed = (n for n in stream.required if stream.columns[n].type != "VARCHAR")
        return next(typed, None)

    def _check(self) -> None:
        """Try the select on no rows; blame the expression or format that does not work."""
        try:
            self._db.execute(self._sql, [[] for _ in range(len(self._needed) + 2)]).fetchall()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            what = f"derive or formats cannot be read by DuckDB ({first})"
            has = listed(self._table.columns)
            do = f'Mend it in sources.yml; quote names with blanks ("A b"). The file has: {has}'
            raise FatalError(self._where, what, do) from error


def _literal(value: str | None) -> str:
    return "cast(null as varchar)" if value is None else cells.quote(value)


def _not_among(name: str, allowed: Sequence[str]) -> str:
    cell = cells.name(name)
    listed = ", ".join(map(cells.quote, allowed))
    complaint = cells.quote(f"{name} is not {' or '.join(allowed)}")
    return f"case when lower({cell}) not in ({listed}) then {complaint} end"
