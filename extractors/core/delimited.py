"""Delimited text (CSV and its kin): recognises encoding and delimiter, counts physical lines."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from extractors.core.errors import FatalError
from extractors.core.table import Reading, Row, Table, fit, header

DELIMITERS = (",", ";", "\t", "|")
CELL_LIMIT = 10_000_000  # characters; a longer one is a quote that never closes
BLOCK, SAMPLE = 1 << 20, 1 << 16
SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
NO_TEXT = {
    b"PK\x03\x04": "it is a workbook or an archive",
    b"\xd0\xcf\x11\xe0": "it is an old or a protected Excel workbook",
    b"\x1f\x8b": "it is compressed",
    b"PAR1": "it is Parquet",
}


def read(path: Path, where: str, reading: Reading) -> Table:
    """Return the file as a table of text cells; a row's line is the physical one it starts on.

    Raises: FatalError on an empty file, bytes that are no text, or a quote that never closes.
    """
    encoding = _encoding(path, where, reading.encoding)
    delimiter = _given_delimiter(where, reading.delimiter)
    sample = _sample(path, where, encoding)
    start, delimiter = _start(sample, delimiter, reading)
    rows = _records(path, where, encoding, delimiter, start)
    for row in rows:
        if any(cell.strip() for cell in row.cells):
            columns, doubled = header(row.cells)
            return Table(columns, _body(rows, len(columns)), doubled)
    raise FatalError(where, "the file is empty", "Export it again, or remove it")


def _body(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for row in rows:
        if (fitted := fit(row.line, row.cells, width)) is not None:
            yield fitted


def _records(path: Path, where: str, encoding: str, delimiter: str, start: int) -> Iterator[Row]:
    """Yield every record after the first `start` lines; blank ones too, the header too."""
    csv.field_size_limit(CELL_LIMIT)
    with path.open(encoding=encoding, newline="") as file:
        ended = False

        def lines() -> Iterator[str]:
            nonlocal ended
            for number, line in enumerate(file):
                if number >= start:
                    yield line
            ended = True

        reader = csv.reader(lines(), delimiter=delimiter)
        last = 0
        try:
            for cells in reader:
                first, last = start + last + 1, reader.line_num
                if ended:
                    what = f"line {first}: a quote that opens in this row never closes"
                    raise FatalError(where, what, "Mend that row or export the file again")
                yield Row(first, cells)
        except csv.Error as error:
            what = f"line {start + last + 1}: {error}"
            raise FatalError(where, what, "Mend that row or export the file again") from error
        except UnicodeError as error:
            raise _not_text(where, encoding, start + reader.line_num + 1) from error


def _start(sample: str, delimiter: str | None, reading: Reading) -> tuple[int, str]:
    """Return how many lines come before the header and the delimiter."""
    first = sample.partition("\n")[0]
    declared = SEP.fullmatch(first.lstrip("\ufeff"))
    if declared:
        return 1, delimiter or declared[1]
    return 0, delimiter or _delimiter(sample, {name.casefold() for name in reading.expected})


def _delimiter(sample: str, expected: set[str]) -> str:
    """Return the delimiter that gives the most expected names, then the most even rows."""
    ranked = []
    for rank, delimiter in enumerate(DELIMITERS):
        lines = [line + "\n" for line in sample.split("\n")[:101]]
        whole = lines[:-1] if len(lines) > 1 else lines  # the last one may be cut off
        try:
            records = [r for r in csv.reader(whole, delimiter=delimiter) if any(map(str.strip, r))]
        except csv.Error:
            continue
        if not records:
            continue
        names = {cell.strip().lstrip("\ufeff").casefold() for cell in records[0]}
        width = len(records[0])
        even = sum(len(record) == width for record in records) / len(records)
        ranked.append((len(names & expected), width > 1, even, width, -rank))
    return DELIMITERS[-max(ranked)[-1]] if ranked else ","


def _given_delimiter(where: str, given: str | None) -> str | None:
    delimiter = {"tab": "\t", "\\t": "\t"}.get((given or "").lower(), given)
    if delimiter is not None and len(delimiter) != 1:
        raise FatalError(where, f"delimiter {given!r} is not one character", 'Write ";" or tab')
    return delimiter


def _sample(path: Path, where: str, encoding: str) -> str:
    try:
        with path.open(encoding=encoding, newline="") as file:
            return file.read(SAMPLE).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeError as error:
        raise _not_text(where, encoding, 1) from error


def _encoding(path: Path, where: str, given: str | None) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    for magic, what in NO_TEXT.items():
        if head.startswith(magic):
            raise FatalError(where, f"{what}, not a text", "Give it the ending of what it is")
    if given is not None:
        try:
            name = codecs.lookup(given).name
        except LookupError as error:
            do = "Write utf-8, utf-16, cp1252 or latin-1"
            raise FatalError(where, f"unknown encoding {given!r}", do) from error
        return "utf-8-sig" if name == "utf-8" else name
    return _marked(head) or _guessed(path, where)


def _marked(head: bytes) -> str | None:
    """Return the encoding that a byte order mark or the zeros of UTF-16 betray."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.4:
        return "utf-16-le"
    if half and head[0::2].count(0) > half * 0.4:
        return "utf-16-be"
    return None


def _guessed(path: Path, where: str) -> str:
    """Return utf-8 when all bytes are, else cp1252, else latin-1; reads blocks, keeps none."""
    decoder, is_utf8, is_cp1252 = codecs.getincrementaldecoder("utf-8")(), True, True
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b"\0" in block:
                what = "it holds zero bytes, so it is not a text"
                raise FatalError(where, what, "Export it again, or set encoding: in sources.yml")
            if is_utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
            is_cp1252 = is_cp1252 and not NOT_IN_CP1252.search(block)
    if is_utf8:
        _check_end(decoder, where)
        return "utf-8"
    return "cp1252" if is_cp1252 else "latin-1"


def _check_end(decoder: codecs.IncrementalDecoder, where: str) -> None:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        what = "the file ends in the middle of a character"
        do = "Copy it again, or set encoding: cp1252 in sources.yml if it is whole"
        raise FatalError(where, what, do) from error


def _not_text(where: str, encoding: str, line: int) -> FatalError:
    what = f"not readable as {encoding} near line {line}"
    return FatalError(where, what, "Set the right encoding: in sources.yml, such as cp1252")
