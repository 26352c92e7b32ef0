"""Reads landed parts into one typed table and sorts out what cannot be used (DuckDB's SQL)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from extractors.core import places
from extractors.core.errors import FatalError
from extractors.core.landing import Attempt
from extractors.core.ledger import Entry
from extractors.core.places import Place
from extractors.core.privacy import holds
from extractors.core.types import Stream

STAGED = "raw._staged"
TECHNICAL = {
    "_fetched_at": "TIMESTAMPTZ",
    "_batch": "VARCHAR",
    "_line": "BIGINT",
    "_attempt": "VARCHAR",
}
EXTRA = ("_lost", "_column", "_reason")  # cells that became null, and why a row is refused
OBJECT_BYTES = 8_000_000  # DuckDB keeps two buffers of this size a thread
FIRST_REJECTS = 3


@dataclass(slots=True)
class Item:
    """One attempt on its way into raw; `problem` says why it stays out."""

    attempt: Attempt
    head: dict[str, Any] = field(default_factory=dict)
    sha256: str | None = None
    problem: FatalError | None = None
    parts: list[Path] = field(default_factory=list)  # files of this machine
    rows_sound: int = 0  # staged and not refused
    rows_written: int = 0
    rows_rejected: int = 0
    rows_replaced: int = 0
    cells_rejected: int = 0

    @classmethod
    def read(cls, attempt: Attempt, scratch: Path, key: str | None = None) -> Item:
        """Read the manifest and compare every part with its sum; what is afar comes to scratch.

        With the id of a `key`, pseudonyms that another one made are a problem, too.
        """
        item = cls(attempt)
        try:
            item.head, item.sha256 = attempt.read()
            if not attempt.failed:
                _same_key(attempt, item.head.get("key_id"), key)
                for part in item.head["parts"]:
                    item.parts.append(_sound(attempt.folder / part["file"], part, scratch))
        except FatalError as error:
            item.problem = error
        except (KeyError, TypeError):
            what = "the manifest is not one of ours"
            do = "Extract this window again"
            item.head, item.problem = {}, FatalError(str(attempt.folder), what, do)
        return item

    @property
    def usable(self) -> bool:
        """Whether rows of this attempt may be loaded."""
        return not self.attempt.failed and self.problem is None

    @property
    def file(self) -> dict[str, Any]:
        """The exported file behind it; empty for an API."""
        return self.head.get("file") or {}

    @property
    def batch(self) -> str:
        """What orders rows of the same moment: the file's name, else the attempt."""
        return self.file.get("name") or self.attempt.attempt

    def entry(self) -> Entry:
        """Return the ledger row."""
        first, _, last = self.attempt.folder.parent.name.removeprefix("window=").partition("_")
        error = str(self.problem) if self.problem else None
        if self.attempt.failed and self.problem is None:
            error = "{where}: {what}. {do}.".format(**self.head)
        at = self.head.get("fetched_at")
        return Entry(
            source=self.attempt.source,
            stream=self.attempt.stream,
            window_first=date.fromisoformat(first),
            window_last=date.fromisoformat(last),
            attempt=self.attempt.attempt,
            status="failed" if error else "loaded",
            error=error,
            manifest_sha256=self.sha256,
            file=self.file.get("name"),
            fingerprint=self.file.get("fingerprint"),
            cursor=self.head.get("cursor"),
            rows_landed=self.head.get("rows", 0),
            rows_written=self.rows_written,
            rows_rejected=self.rows_rejected,
            rows_replaced=self.rows_replaced,
            cells_rejected=self.cells_rejected,
            drift=", ".join(self.head.get("drift", ())) or None,
            key_id=self.head.get("key_id"),
            fetched_at=datetime.fromisoformat(at) if at else None,
        )


def _same_key(attempt: Attempt, stored: str | None, key: str | None) -> None:
    """Refuse what another key made: no pseudonym in it would equal one of ours."""
    if stored and key and not holds(key, stored):
        what = f"its pseudonyms were made with key {stored}, this key is {key}"
        do = "Give every host the same BEYOND_LIKES_HMAC_KEY and extract this window again"
        raise FatalError(str(attempt.folder), what, do)


def _sound(path: Place, part: dict[str, Any], scratch: Path) -> Path:
    try:
        file = places.fetch(path, scratch)
        with file.open("rb") as body:
            found = hashlib.file_digest(body, "sha256").hexdigest()
    except OSError as error:
        what = f"the part is not readable ({error.strerror})"
        raise FatalError(str(path), what, "Extract this window again") from error
    if found != part["sha256"]:
        what = "the part is damaged, its sum is not the manifest's"
        raise FatalError(str(path), what, "Extract this window again")
    return file


def stage(db: duckdb.DuckDBPyConnection, stream: Stream, items: list[Item]) -> None:
    """Create raw._staged from the parts of `items`: declared columns typed, technical ones added.

    Cells are read as text and cast one by one, so one odd value never spoils a load; a cell that
    does not fit becomes null and is counted in `_lost`. One statement an attempt: a join that
    tells the attempts apart costs a tenth more and memory for every file.
    """
    columns = ", ".join(f"{_quote(name)} {kind}" for name, kind in types(stream).items())
    extra = "_lost integer, _column varchar, _reason varchar"
    db.execute(f"create or replace table {STAGED} ({columns}, {extra})")
    for item in items:
        if item.parts:
            db.execute(_insertion(stream, item), [[str(part) for part in item.parts]])


def _insertion(stream: Stream, item: Item) -> str:
    texts = (*stream.columns, "_line") + (() if item.file else ("_fetched_at",))
    read = ", ".join(f"{_quote(name)}: 'VARCHAR'" for name in texts)
    at = _literal(item.file["modified_at"]) if item.file else "landed._fetched_at"
    return f"""insert into {STAGED} select {_casts(stream)},
            cast({at} as timestamptz), {_literal(item.batch)}, cast(landed._line as bigint),
            {_literal(item.attempt.attempt)}, {_lost(stream)}, {_refusal(stream)}
        from read_json(?, format = 'newline_delimited', compression = 'zstd',
            maximum_object_size = {OBJECT_BYTES}, columns = {{{read}}}) as landed"""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def refuse(db: duckdb.DuckDBPyConnection, stream: Stream, items: list[Item]) -> None:
    """Count what did not fit; take refused rows and attempts out of raw._staged.

    A file gives up single rows, up to its limit; an API attempt with a row that lacks a required
    value is wrong as a whole.
    """
    counts = {
        attempt: figures
        for attempt, *figures in db.execute(
            "select _attempt, count(*), count(_column), sum(_lost) filter (where _column is null)"
            f" from {STAGED} group by _attempt"
        ).fetchall()
    }
    for item in items:
        staged, item.rows_rejected, lost = counts.get(item.attempt.attempt, (0, 0, 0))
        item.cells_rejected = int(lost or 0)
        if item.rows_rejected:
            item.problem = _verdict(db, stream, item)
        item.rows_sound = 0 if item.problem else staged - item.rows_rejected
    failed = [item.attempt.attempt for item in items if item.problem]
    if stream.mode == "file":
        _keep_rejects(db, stream, items)
    if failed:
        db.execute(f"delete from {STAGED} where list_contains(?, _attempt)", [failed])
    if any(item.rows_rejected for item in items):
        db.execute(f"delete from {STAGED} where _column is not null")


def _verdict(db: duckdb.DuckDBPyConnection, stream: Stream, item: Item) -> FatalError | None:
    rows = item.head["rows"] + item.head.get("left", 0)  # who left does not make the file worse
    if stream.mode == "file" and item.rows_rejected <= item.file["reject_limit"] * rows:
        return None
    first = db.execute(
        f"select _line, _column, _reason from {STAGED} where _attempt = ? and _column is not null"
        f" order by _line limit {FIRST_REJECTS}",
        [item.attempt.attempt],
    ).fetchall()
    some = "; ".join(f"line {line}, {column}: {reason}" for line, column, reason in first)
    if stream.mode == "file":
        what = f"{item.rows_rejected} of {rows} rows of {stream.name} cannot be read ({some})"
        share = 100 * item.file["reject_limit"]
        do = f"Mend the file or its mapping in sources.yml (reject_limit allows {share:g} %)"
        return FatalError(f"{stream.label} {item.batch}", what, do)
    what = f"{item.rows_rejected} of {rows} records lack a required value ({some})"
    do = "Compare the stream's columns with the platform's change log; nothing of it was loaded"
    return FatalError(stream.label, what, do)


def _keep_rejects(db: duckdb.DuckDBPyConnection, stream: Stream, items: list[Item]) -> None:
    """Keep the refused rows of each file's newest attempt, whatever the order of loading."""
    where = "source = ? and stream = ?"
    names = [stream.source, stream.name]
    if any(item.rows_rejected for item in items):
        db.execute(
            f"insert into raw.rejected_rows select ?, ?, _attempt, _batch, _line, _column, _reason"
            f" from {STAGED} where _column is not null",
            names,
        )
    newest: dict[str, str] = {}
    sql = f"select file, max(attempt) from ops.load_ledger where {where} group by file"
    for file, attempt in db.execute(sql, names).fetchall():
        newest[file] = attempt
    for item in items:
        newest[item.batch] = max(newest.get(item.batch, ""), item.attempt.attempt)
    for item in items:
        sql = f"delete from raw.rejected_rows where {where} and file = ? and attempt < ?"
        db.execute(sql, [*names, item.batch, newest[item.batch]])


def types(stream: Stream) -> dict[str, str]:
    """Return column → type of the raw table, technical columns last."""
    return {**{name: column.type for name, column in stream.columns.items()}, **TECHNICAL}


def _quote(name: str) -> str:
    return f'"{name}"'


def _cast(stream: Stream, name: str) -> str:
    kind, text = stream.columns[name].type, f"landed.{_quote(name)}"
    return text if kind == "VARCHAR" else f"try_cast({text} as {kind})"


def _casts(stream: Stream) -> str:
    return ", ".join(_cast(stream, name) for name in stream.columns)


def _lost(stream: Stream) -> str:
    """Count the optional cells of a row that have a text and no value."""
    tests = [
        f"cast(landed.{_quote(n)} is not null and {_cast(stream, n)} is null as integer)"
        for n, column in stream.columns.items()
        if column.type != "VARCHAR" and n not in stream.required
    ]
    return " + ".join(tests) or "0"


def _refusal(stream: Stream) -> str:
    """Name the first required column of a row that has no value, and why.

    A file's cell that could not be read holds the reason as a sentence (see cells.py); an API's
    cell may hold anything, so it is not shown.
    """
    missing = [(n, f"{_cast(stream, n)} is null") for n in stream.required]
    column = " ".join(f"when {test} then '{n}'" for n, test in missing)
    reason = " ".join(
        f"when {test} then coalesce({_complaint(stream, n)}, 'is empty')" for n, test in missing
    )
    if not missing:
        return "cast(null as varchar) as _column, cast(null as varchar) as _reason"
    return f"case {column} end, case {reason} end"


def _complaint(stream: Stream, name: str) -> str:
    text = f"landed.{_quote(name)}"
    if stream.mode == "file":
        return f"left({text}, 200)"
    return f"case when {text} is not null then 'is no {stream.columns[name].type}' end"
