"""Readers of exported files: CSV, XLSX, NDJSON and Parquet become one table of text cells."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb

from extractors.core import delimited
from extractors.core.errors import ExtractError, FatalError
from extractors.core.table import Reading, Row, Table, fit, header, number, text

EXCEL_ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"})
FETCH = 10_000
LARGEST_WORKBOOK = 2 * 2**30  # bytes unpacked; a small file may claim far more than a disk holds
LARGEST_HELD = 256 * 2**20  # of these, what openpyxl reads whole: the texts that cells share


def read(path: Path, where: str, reading: Reading) -> Table:
    """Return the table that the file's ending promises.

    Raises: FatalError on an ending that is not known and on a file that is not what it says.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise FatalError(where, f"no reader for {path.suffix or 'no ending'!r}", f"Use {known}")
    return reader(path, where, reading)


def _workbook(path: Path, where: str, reading: Reading) -> Table:
    """Read one sheet as stored values; a row's line is its number in the sheet."""
    import openpyxl  # here, because it takes a quarter of every command's start

    with _sound(where):
        _check_size(path, where)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = _sheet_rows(book, where, reading)
    for line, cells in rows:
        if any(cell.strip() for cell in cells):
            while not cells[-1].strip():
                cells.pop()
            columns, doubled = header(cells)
            return Table(columns, _fitted(rows, len(columns)), doubled, typed=True)
        if line > FETCH:
            break
    raise FatalError(where, "the sheet is empty", "Name another one with sheet: in sources.yml")


@contextmanager
def _sound(where: str) -> Iterator[None]:
    """Turn whatever zip, XML and openpyxl raise on damage, and that is anything, into our error."""
    try:
        yield
    except (ExtractError, OSError):
        raise
    except Exception as error:
        what = "not readable as an XLSX workbook, or protected by a password"
        raise FatalError(where, what, "Save it as .xlsx without a password") from error


def _check_size(path: Path, where: str) -> None:
    """Refuse what unpacks to more than is read in pieces, or held in memory: all but the sheets."""
    with ZipFile(path) as packed:
        sizes = {part.filename: part.file_size for part in packed.infolist()}
    held = sum(size for name, size in sizes.items() if not name.startswith("xl/worksheets/"))
    for size, largest in ((sum(sizes.values()), LARGEST_WORKBOOK), (held, LARGEST_HELD)):
        if size > largest:
            what = f"the workbook unpacks to {size // 2**20:,} MB"
            raise FatalError(where, what, "Split it, or save it as CSV, which is read in pieces")


def _sheet_rows(book: Any, where: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    try:
        with _sound(where):
            sheet = _sheet(book, where, reading.sheet)
            sheet.reset_dimensions()  # some programs write a wrong one
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = [text(value, reading.decimal) for value in values]
                yield line, ["" if cell in EXCEL_ERRORS else cell for cell in cells]
    finally:
        book.close()


def _sheet(book: Any, where: str, name: str | None) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name is None and sheets:
        return next(iter(sheets.values()))
    if name in sheets:
        return sheets[name]
    what = f"no sheet {name!r}; the file has: {', '.join(sheets) or 'none'}"
    raise FatalError(where, what, "Name one of them with sheet: in sources.yml")


def _fitted(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    for line, cells in rows:
        if (row := fit(line, cells, width)) is not None:
            yield row


def _ndjson(path: Path, where: str, reading: Reading) -> Table:
    """Read one JSON object a line; objects inside become `outer.inner`, lists stay JSON text."""
    names: dict[str, None] = {}
    empty = True
    for _, record in _objects(path, where, reading):
        empty = False
        names.update(dict.fromkeys(record or ()))
    if empty:
        raise FatalError(where, "the file is empty", "Export it again, or remove it")
    columns, doubled = header(list(names))
    return Table(columns, _object_rows(path, where, reading, tuple(names)), doubled, typed=True)


def _object_rows(path: Path, where: str, reading: Reading, names: tuple[str, ...]) -> Iterator[Row]:
    for line, record in _objects(path, where, reading):
        if record is None:
            yield Row(line, [""] * len(names), "the line is no JSON object")
        else:
            yield Row(line, [record.get(name, "") for name in names])


def _objects(
    path: Path, where: str, reading: Reading
) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield line number and flat record; None where the line is no JSON object."""

    def digits(value: str) -> str:
        return number(value, reading.decimal)

    encoding = reading.encoding or "utf-8-sig"
    try:
        with path.open(encoding=encoding, newline="\n") as file:
            for line, body in enumerate(file, 1):
                if line == 1 and body.lstrip().startswith("["):
                    do = "Write one JSON object a line (jq -c '.[]' does it)"
                    raise FatalError(where, "it is one JSON list", do)
                if not body.strip():
                    continue
                yield line, _object(body, digits)
    except (UnicodeError, LookupError) as error:
        what = f"not readable as {encoding}"
        raise FatalError(where, what, "Set encoding: in sources.yml") from error


def _object(body: str, digits: Callable[[str], str]) -> dict[str, str] | None:
    """Return the flat record of a line; None where it is no JSON object, or nested without end."""
    try:
        record = json.loads(body, parse_float=digits, parse_int=str)
        return _flat(record) if isinstance(record, dict) else None
    except (ValueError, RecursionError):
        return None


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    cells: dict[str, str] = {}
    for key, value in record.items():
        name = prefix + _storable(key)
        if isinstance(value, dict):
            cells.update(_flat(value, f"{name}."))
        elif isinstance(value, list):
            cells[name] = json.dumps(value, ensure_ascii=True)
        else:
            cells[name] = _storable(text(value))
    return cells


def _storable(words: str) -> str:
    """Put `?` for a lone half of a surrogate pair, which is valid JSON and no valid text."""
    return words.encode("utf-8", "replace").decode()


def _parquet(path: Path, where: str, reading: Reading) -> Table:
    """Read columns as text through a database in memory that may open this one file."""
    db = duckdb.connect(":memory:", config={"temp_directory": "", "threads": "1"})
    try:
        db.execute("set timezone = 'UTC'")
        db.execute("set allowed_paths = [?]", [str(path)])
        db.execute("set enable_external_access = false")
        db.execute("set lock_configuration = true")
        db.execute("describe select * from read_parquet(?)", [str(path)])
        found = [(str(name), str(kind)) for name, kind, *_ in db.fetchall()]
        chosen = ", ".join(_as_text(name, kind, reading) for name, kind in found)
        sql = f"select file_row_number + 1, {chosen} from read_parquet(?, file_row_number = true)"
        db.execute(sql, [str(path)])
    except duckdb.Error as error:
        db.close()
        raise FatalError(where, "not readable as Parquet", "Write it again") from error
    columns, doubled = header([name for name, _ in found])
    return Table(columns, _parquet_rows(db, where), doubled, typed=True)


def _as_text(name: str, kind: str, reading: Reading) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    cell = f"coalesce(cast({quoted} as varchar), '')"
    fraction = kind.startswith(("DECIMAL", "DOUBLE", "FLOAT"))
    return f"replace({cell}, '.', ',')" if fraction and reading.decimal == "," else cell


def _parquet_rows(db: duckdb.DuckDBPyConnection, where: str) -> Iterator[Row]:
    try:
        while rows := db.fetchmany(FETCH):
            for line, *cells in rows:
                if any(cells):
                    yield Row(line, cells)
    except duckdb.Error as error:
        raise FatalError(where, "the Parquet file is damaged", "Write it again") from error
    finally:
        db.close()


READERS: Mapping[str, Callable[[Path, str, Reading], Table]] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".txt": delimited.read,
    ".xlsx": _workbook,
    ".xlsm": _workbook,
    ".ndjson": _ndjson,
    ".jsonl": _ndjson,
    ".parquet": _parquet,
}
