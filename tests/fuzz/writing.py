"""Writes a table as CSV, NDJSON, XLSX or Parquet, and says which line must hold which cells."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from random import Random

import duckdb
import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from tests.fuzz import mutations
from tests.fuzz.mutations import Table

Expected = dict[int, dict[str, str] | None]  # None: a line that nobody can read
Written = tuple[bytes, Expected]
SHEET_CELL = 32_767


def delimited(table: Table, delimiter: str, encoding: str, random: Random) -> Written:
    """Return CSV with line ends and quotes as some program writes them."""
    table = [[cell.encode(encoding, "replace").decode(encoding) for cell in row] for row in table]
    ends = random.choice((["\n"], ["\r\n"], ["\r\n", "\n"], ["\r"]))
    quote_all, whole, rows = random.random() < 0.3, "", []
    for row in table:
        rows.append((1 + len(re.findall("\r\n|\r|\n", whole)), row))
        cells = (_quoted(cell, delimiter, always=quote_all) for cell in row)
        whole += delimiter.join(cells) + random.choice(ends)
    whole = whole.rstrip("\r\n") if random.random() < 0.2 and table[-1][-1:] != [""] else whole
    mark = random.random() < 0.2 and encoding == "utf-8"
    return whole.encode("utf-8-sig" if mark else encoding), _expected(rows)


def _quoted(cell: str, delimiter: str, *, always: bool) -> str:
    special = always or any(char in cell for char in f'{delimiter}"\r\n')
    return '"' + cell.replace('"', '""') + '"' if special else cell


def workbook(table: Table, _random: Random) -> Written:
    """Return a workbook of texts; formulas and what XML cannot hold are left out."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows = []
    for number, row in enumerate(table, 1):
        cells = [ILLEGAL_CHARACTERS_RE.sub("", cell)[:SHEET_CELL].lstrip("=#") for cell in row]
        rows.append((number, [re.sub(r"\r\n?", "\n", cell) for cell in cells]))
        for at, cell in enumerate(cells, 1):
            sheet.cell(number, at).value = cell or None
            sheet.cell(number, at).data_type = "s" if cell else "n"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), _expected(rows)


def objects(table: Table, random: Random) -> Written:
    """Return one JSON object a line, some of them with blank lines between."""
    names, *rows = table
    text, expected = "", Expected()
    for row in rows:
        record = dict(zip(names, row, strict=False))
        text += "\n" * (random.random() < 0.1)
        expected[1 + text.count("\n")] = {name.strip(): cell for name, cell in record.items()}
        if random.random() < 0.02:
            text += mutations.deep(random).decode() + "\n"
            expected[1 + text.count("\n")] = expected.pop(text.count("\n"))
            expected[text.count("\n")] = None
        text += json.dumps(record, ensure_ascii=random.random() < 0.5) + "\n"
    return text.encode(), expected


def parquet(table: Table, folder: Path) -> Written:
    """Return Parquet of texts; columns with no name of their own are left out."""
    names: dict[str, int] = {}
    for at, name in enumerate(table[0]):
        if name.strip().casefold() not in {one.strip().casefold() for one in names} | {""}:
            names[name] = at
    names = names or {"x": 0}
    rows = [[(row[at] if at < len(row) else "") for at in names.values()] for row in table[1:]]
    rows = rows or [[""] * len(names)]
    columns = ", ".join(f'unnest(${n}) as "{name.replace(chr(34), chr(34) * 2)}"'
                        for n, name in enumerate(names, 1))  # fmt: skip
    file = folder / "written.parquet"
    with duckdb.connect() as db:
        db.execute(
            "create table made as select " + columns, [list(one) for one in zip(*rows, strict=True)]
        )
        db.execute(f"copy made to '{file}' (format parquet)")
    stripped = [name.strip() for name in names]
    found = {n: dict(zip(stripped, row, strict=True)) for n, row in enumerate(rows, 1) if any(row)}
    return file.read_bytes(), {**found}


def _expected(rows: list[tuple[int, list[str]]]) -> Expected:
    """Return the cells by line: the first row that is not blank has the names."""
    filled = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return {}
    (_, names), *rest = filled
    stripped = [name.strip().lstrip("\ufeff") for name in names]
    return {line: _cells(stripped, row) for line, row in rest}


def _cells(names: list[str], row: list[str]) -> dict[str, str] | None:
    """Return a row's cells by name; None where nobody knows which cell is which."""
    if any(cell.strip() for cell in row[len(names) :]):
        return None
    return dict(zip(names, [*row, *[""] * len(names)], strict=False))
