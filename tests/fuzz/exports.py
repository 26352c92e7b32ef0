"""Mutated exports, each through its mapping into raw, beside what an own reading of it says."""

from __future__ import annotations

import csv
import io
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from extractors.core import loader
from extractors.core.errors import ExtractError
from extractors.core.ledger import connect
from extractors.core.types import Column, Window
from extractors.sources import file_drop
from sandbox.company import Company
from tests.fuzz import mutations, writing
from tests.fuzz.accounts import Account, Warehouse, wrong_message
from tests.fuzz.corpora import Corpus, corpora
from tests.stack import LAST

KEY = b"only-for-tests-0123456789-abcdefghij"
BLANK = " \t\n\r\u00a0\u202f\ufeff"
LARGEST_CSV_CELL = 10_000_000


class Exports:
    """Tables to start from, and a warehouse that holds some of them already."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        company = Company(seed=4, last=LAST, days=60, scale=0.1, sources=[])
        self._folder, self._corpora = folder, corpora(company, folder)
        self._db = stack.enter_context(connect(folder / "warehouse.duckdb"))
        loader.prepare(self._db, file_drop.STREAMS.values())
        for corpus in self._corpora[::3]:
            body, _ = writing.delimited(corpus.table, corpus.delimiter, corpus.encoding, Random(1))
            self._land(corpus, body, ".csv", limit=0.0)
        streams = {stream.label: stream for stream in file_drop.STREAMS.values()}
        assert all(not one.errors for one in loader.load(self._db, streams, folder / "landing"))
        self._warehouse = Warehouse(self._db, streams)

    def case(self, random: Random) -> tuple[str, list[str]]:
        """Return what became of one mutated file, and what was wrong with that."""
        corpus = random.choice(self._corpora)
        head, *rows = corpus.table
        table = mutations.cells_of([head, *random.sample(rows, min(len(rows), 8))], random)
        ending, body, expected = self._written(corpus, table, random)
        mutated = random.random() < 0.4
        body = mutations.bytes_of(body, random) if mutated else body
        stream = file_drop.STREAMS[corpus.entity]
        root, limit = self._folder / "landing", random.choice((0.05, 1.0))
        shutil.rmtree(root / stream.source / stream.name, ignore_errors=True)
        name = f"{corpus.entity}{ending}"
        try:
            error = self._land(corpus, body, ending, limit=limit)
            problems = wrong_message(error, f"{stream.label} exports/x{ending}") if error else []
            account = self._warehouse.load(stream, root)
        except Exception as trouble:
            trouble.add_note(name)
            raise
        finally:
            self._warehouse.reset(stream)
        problems += account.problems
        if not mutated:
            if account.outcome != "not loaded":
                problems += _unlike(corpus, table, account, expected, body)
            problems += (
                ["refused as a whole"] if account.outcome == "not loaded" and limit == 1 else []
            )
        elif account.outcome == "loaded":
            problems += _miscounted(corpus, ending, body, account)
        return account.outcome, [f"{name}: {one}" for one in problems]

    def _written(
        self, corpus: Corpus, table: mutations.Table, random: Random
    ) -> tuple[str, bytes, writing.Expected]:
        ending = random.choices((".csv", ".ndjson", ".xlsx", ".parquet"), (60, 15, 15, 10))[0]
        if ending == ".csv":
            written = writing.delimited(table, corpus.delimiter, corpus.encoding, random)
        elif ending == ".parquet":
            written = writing.parquet(table, self._folder)
        else:
            written = (writing.workbook if ending == ".xlsx" else writing.objects)(table, random)
        return ending, *written

    def _land(
        self, corpus: Corpus, body: bytes, ending: str, *, limit: float
    ) -> ExtractError | None:
        """Land the file as a night does; return its error."""
        file = self._folder / "exports" / f"x{ending}"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(body)
        os.utime(file, (2_000_000_000, 2_000_000_000))  # newer than what is there
        said = {
            k: v
            for k, v in corpus.lines.items()
            if ending == ".csv" or k not in ("encoding", "delimiter")
        }
        (outcome,) = file_drop.land_all(
            {corpus.entity: [{"files": f"exports/x{ending}", **said}]},
            folder=self._folder,
            default_folder=self._folder / "drop",
            timezone="Europe/Berlin",
            window=Window.of(LAST, LAST, "Europe/Berlin"),
            root=self._folder / "landing",
            key=KEY,
            known={},
            reject_limit=limit,
            only=[corpus.entity],
        )
        return outcome.error


def _unlike(
    corpus: Corpus,
    table: mutations.Table,
    account: Account,
    expected: writing.Expected,
    body: bytes,
) -> list[str]:
    """Compare landing with the cells as they were written."""
    stream = file_drop.STREAMS[corpus.entity]
    names = [name.strip() for name in table[0]]
    folded = [name.casefold() for name in names]
    wanted = {column for name in stream.columns if (column := corpus.column(name))}
    must = {c for name in stream.required if (c := corpus.column(name))} | {
        *corpus.lines.get("columns", {}).values()
    }
    clear = len({*folded}) == len(folded) and "_line" not in folded and "" not in folded
    if account.outcome == "not landed":
        sure = (
            clear and must <= {*names} and expected and all(expected.values()) and b"\0" not in body
        )
        return (
            ["refused, though its cells are clear"] if sure and "derive" not in corpus.lines else []
        )
    problems = []
    if {*account.landed} != {*expected}:
        problems.append(f"landed lines {sorted(account.landed)}, written {sorted(expected)}")
    taken = [line for line, cells in expected.items() if cells is None and line in account.raw]
    problems += [f"nobody can read lines {taken}, raw has them"] if taken else []
    if not clear:
        return problems
    for line, cells in expected.items():
        for name, declared in stream.columns.items():
            own = corpus.column(name)
            if cells is None or own is None or own not in wanted or line not in account.landed:
                continue
            value = account.landed[line].get(name)
            values = corpus.lines.get("values", {}).get(name, {})
            cell, refused = cells.get(own, ""), line in account.rejected
            if not _same(declared, cell, value, values, refused=refused):
                problems.append(f"line {line} {name}: {cell[:80]!r} became {value!r}"[:300])
    return problems


def _same(
    column: Column, cell: str, value: Any, values: dict[str, str | None], *, refused: bool
) -> bool:
    """Tell whether a landed value is the cell's, or a sentence about it or its refused row."""
    plain = cell.strip(BLANK)
    meant = values.get(plain, plain)
    if not meant:
        return value is None or (refused and column.type != "VARCHAR")
    if column.personal:  # a pseudonym is of the text without any white space around it
        return value is None if not meant.strip() else len(str(value)) == 32
    if column.type == "VARCHAR":
        return bool(value == meant or value == meant.lower())
    return value is not None


def _miscounted(corpus: Corpus, ending: str, body: bytes, account: Account) -> list[str]:
    """Compare the number of landed rows with what the standard library reads."""
    if ending != ".csv" or b"\0" in body or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return []
    given = corpus.lines.get("encoding")
    for encoding in [given] if given else ["utf-8-sig", "cp1252", "latin-1"]:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        csv.field_size_limit(LARGEST_CSV_CELL)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=corpus.delimiter)
        count = sum(any(cell.strip() for cell in row) for row in rows) - 1
        seen = len(account.landed)
        return [f"{count} rows in the file, {seen} landed"] if count != seen else []
    return []
