"""Exports: lands files, each as an attempt of its own; one that fails leaves the others alone."""

from __future__ import annotations

import glob
import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from extractors.core import tabular
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.evaluate import Allowed, Evaluator
from extractors.core.landing import FileInfo, land
from extractors.core.mapping import FileMapping
from extractors.core.picking import Keep
from extractors.core.places import Place
from extractors.core.privacy import first_id
from extractors.core.table import batches
from extractors.core.types import Page, Stream, Window

BATCH_ROWS, BATCH_CHARACTERS = 20_000, 8_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file (or of a pattern that matches none).

    Shape: `file` is relative to sources.yml; `error` is there exactly when the status is failed.
    """

    label: str
    file: str
    status: Literal["landed", "unchanged", "failed"]
    rows: int = 0
    error: ExtractError | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """One file on disk, as it is when a night begins."""

    path: Path
    name: str
    size: int
    modified_ns: int

    @classmethod
    def at(cls, path: Path, folder: Path) -> Export:
        """Return the file at `path`, named relative to `folder`, with slashes."""
        found = path.stat()
        name = Path(os.path.relpath(path, folder)).as_posix()
        return cls(path, name, found.st_size, found.st_mtime_ns)

    @property
    def modified_at(self) -> datetime:
        """Modification time in UTC."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)

    def fingerprint(self, *facts: str) -> str:
        """Return 32 hex digits that change with the file's size or time or with `facts`."""
        parts = [self.name, str(self.size), str(self.modified_ns), *facts]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    def check_unchanged(self, where: str) -> None:
        """Raise RetriableError when the file is another one than at the beginning."""
        found = self.path.stat()
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified_ns):
            what = "the file changed while it was read; nothing of it was kept"
            raise RetriableError(where, what, "Run again when its export is finished")


def matching(pattern: str, folder: Path) -> list[Path]:
    """Return the files that a path or pattern relative to `folder` names, sorted.

    Shape: hidden files and the lock files of office programs are left out.
    """
    whole = Path(pattern).expanduser()
    if (folder / whole).is_file():
        return [folder / whole]
    base = "" if whole.is_absolute() else glob.escape(str(folder)) + os.sep
    # Path.glob takes no absolute pattern before Python 3.13.
    found = map(Path, glob.glob(base + str(whole), recursive=True))  # noqa: PTH207
    return sorted(p for p in found if p.is_file() and not p.name.startswith(("~$", ".")))


def land_file(
    export: Export,
    mapping: FileMapping,
    window: Window,
    *,
    root: Place,
    key: bytes,
    known: Iterable[str],
    reject_limit: float,
    allowed: Allowed,
    keep: Keep | None = None,
) -> Outcome:
    """Land one file through its mapping, unless its fingerprint is known."""
    stream = mapping.stream
    where = f"{stream.label} {export.name}"
    fingerprint = export.fingerprint(mapping.digest, first_id(key))
    if fingerprint in known:
        return Outcome(stream.label, export.name, "unchanged")
    info = FileInfo(export.name, export.modified_at, fingerprint, reject_limit)
    pages = read_pages(export, mapping, where, allowed=allowed)
    return land_pages(stream, window, pages, root=root, key=key, info=info, keep=keep)


def land_pages(
    stream: Stream,
    window: Window,
    pages: Iterator[Page],
    *,
    root: Place,
    key: bytes,
    info: FileInfo,
    keep: Keep | None = None,
) -> Outcome:
    """Land what the pages hold; an error is the outcome and noted in landing."""
    try:
        landed = land(stream, window, pages, root=root, key=key, file=info, keep=keep)
    except ExtractError as error:
        log.warning("%s", error)
        return Outcome(stream.label, info.name, "failed", error=error)
    return Outcome(stream.label, info.name, "landed", landed.rows)


def land_absence(
    stream: Stream, window: Window, name: str, error: ExtractError, *, root: Place, key: bytes
) -> Outcome:
    """Note in landing that the file `name` is not there, so that coverage shows it."""

    def pages() -> Iterator[Page]:
        raise error
        yield

    info = FileInfo(name, window.end, "", 0)
    return land_pages(stream, window, pages(), root=root, key=key, info=info)


def read_pages(
    export: Export, mapping: FileMapping, where: str, *, allowed: Allowed
) -> Iterator[Page]:
    """Yield the file's rows as records of the entity, a batch in memory at a time."""
    try:
        table = tabular.read(export.path, where, mapping.reading)
        evaluator = Evaluator(mapping, table, where, file=export.name, allowed=allowed)
        # Columns of an own-made file that nobody knows are drift; those of a foreign one are not.
        surprise = [] if mapping.adapts else evaluator.unused
        try:
            for batch in batches(table.rows, size=BATCH_ROWS, characters=BATCH_CHARACTERS):
                records = evaluator.records(batch)
                records[0].update(dict.fromkeys(surprise))
                surprise = []
                yield Page(records, export.modified_at)
        finally:
            evaluator.close()
        export.check_unchanged(where)
    except OSError as error:
        what = f"not readable ({error.strerror or type(error).__name__})"
        raise FatalError(where, what, "Give beyond-likes the right to read the file") from error
