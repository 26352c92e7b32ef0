"""Landing: one folder per attempt; the attempt exists for the loader once its manifest does."""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import zstandard

from extractors.core import places
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.ledger import translate
from extractors.core.picking import Keep, Picker
from extractors.core.places import Place
from extractors.core.privacy import key_id, pseudonymiser
from extractors.core.types import Page, Stream, Window

MANIFEST, FAILURE = "manifest.json", "failure.json"
SUM = "sha256"  # of all else in the file: a flipped bit is found before a cursor or time is used
STAMP = "%Y%m%dT%H%M%S%fZ"
PART_BYTES = 16_000_000
ATTEMPTS = "*/*/window=*/attempt=*"
OURS = Path(__file__).parents[1]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileInfo:
    """The exported file behind an attempt.

    Shape: `name` is relative to sources.yml, with slashes. Units: `reject_limit` 0 to 1.
    """

    name: str
    modified_at: datetime
    fingerprint: str
    reject_limit: float


@dataclass(frozen=True, slots=True)
class Landed:
    """A finished attempt."""

    folder: Place
    attempt: str
    rows: int
    cursor: str | None
    drift: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A finished or failed attempt; its manifest or failure is read when asked for."""

    source: str
    stream: str
    attempt: str
    folder: Place
    failed: bool

    def read(self) -> tuple[dict[str, Any], str]:
        """Return manifest (or failure) and its SHA-256; FatalError when it is damaged."""
        path = self.folder / (FAILURE if self.failed else MANIFEST)
        try:
            body = path.read_bytes()
            head = orjson.loads(body)
            if SUM in head and head.pop(SUM) != _summed(head):  # earlier versions wrote none
                raise ValueError(SUM)
        except (OSError, ValueError, TypeError) as error:
            raise FatalError(str(path), "it is damaged", "Extract this window again") from error
        return head, hashlib.sha256(body).hexdigest()


def new_attempt(after: str = "") -> str:
    """Return a name that sorts by start time (UTC, microseconds).

    It is later than `after`, another such name, even where the machine's clock went back.
    """
    now = f"{datetime.now(UTC):{STAMP}}"
    if now > after:
        return now
    last = datetime.strptime(after, STAMP).replace(tzinfo=UTC)
    return f"{last + timedelta(microseconds=1):{STAMP}}"


def _newest(stream: Place) -> str:
    """Return the newest attempt of a stream's folder, empty where there is none."""
    names = (path.name.partition("=")[2] for path in stream.glob("window=*/attempt=*T*Z"))
    return max(names, default="")


def land(
    stream: Stream,
    window: Window,
    pages: Iterable[Page],
    *,
    root: Place,
    key: bytes,
    attempt: str | None = None,
    file: FileInfo | None = None,
    extra: Mapping[str, Any] | None = None,
    keep: Keep | None = None,
) -> Landed:
    """Write the pages as zstd NDJSON parts, then the manifest; one page is in memory.

    Shape: root/{source}/{stream}/window=…/attempt=…/part-00000.ndjson.zst + manifest.json, which
    comes last. An error leaves failure.json instead, a killed process neither. Rows that `keep`
    denies never reach the disk; `left` in the manifest counts them.
    Raises: what the pages raise; FatalError on a taken attempt, a missing key field, a full disk.
    """
    picker = Picker(stream, pseudonymiser(key), keep)
    own = root / stream.source / stream.name
    name = attempt or new_attempt(_newest(own))
    folder = own / f"window={window.key}" / f"attempt={name}"
    _make(folder, stream)
    with _noted(folder, stream):
        writer = Parts(folder)
        last: Page | None = None
        for last in pages:
            stamp = None if file else last.fetched_at.isoformat()
            writer.add(*picker.page(last.records, stamp))
            log.debug("%s: page of %s records", stream.label, len(last.records))
        writer.close()
        seen = last.fetched_at if last else datetime.now(UTC)
        manifest = {
            "source": stream.source,
            "stream": stream.name,
            "mode": stream.mode,
            "window": {"first": window.first, "last": window.last},
            "attempt": name,
            "rows": picker.kept,
            "parts": writer.parts,
            "cursor": last.cursor if last else None,
            "drift": sorted(picker.drift),
            "key_id": key_id(key) if stream.personal else None,
            "fetched_at": file.modified_at if file else seen,
            "file": file,
            **({"left": picker.lines - picker.kept} if picker.lines > picker.kept else {}),
            **(extra or {}),
        }
        write_last(folder, MANIFEST, manifest)
    log.info("%s: landed %s rows, window %s", stream.label, picker.kept, window.key)
    cursor = last.cursor if last else None
    return Landed(folder, name, picker.kept, cursor, tuple(sorted(picker.drift)))


def attempts(root: Place) -> list[Attempt]:
    """Return finished and failed attempts in attempt order; an interrupted one is none."""
    found = []
    for folder, names in _ended(root).items():
        stream, attempt = folder.parent.parent, folder.name.removeprefix("attempt=")
        failed = MANIFEST not in names
        found.append(Attempt(stream.parent.name, stream.name, attempt, folder, failed))
    return sorted(found, key=lambda one: (one.source, one.stream, one.attempt))


def _ended(root: Place) -> dict[Place, set[str]]:
    """Return the folders of attempts that have a manifest or a failure, and which."""
    ended: dict[Place, set[str]] = {}
    for path in root.glob(f"{ATTEMPTS}/*.json"):
        if path.name in (MANIFEST, FAILURE):
            ended.setdefault(path.parent, set()).add(path.name)
    return ended


def clear_interrupted(root: Place) -> None:
    """Remove attempts that a killed process has left; nobody else may be extracting."""
    for folder in {*root.glob(ATTEMPTS)} - {*_ended(root)}:
        places.remove(folder)


class Parts:
    """Writes lines to parts of bounded size, each compressed as one frame and summed."""

    def __init__(self, folder: Place, mark: str = "") -> None:
        self._folder, self._mark = folder, mark
        self._squeeze = zstandard.ZstdCompressor(level=1)
        self.parts: list[dict[str, Any]] = []
        self._size = 0

    def add(self, lines: bytes, rows: int) -> None:
        """Write lines to the open part."""
        if not rows:
            return
        if not self._size:
            self._open()
        self._put(self._frame.compress(lines))
        self._size += len(lines)
        self._rows += rows
        if self._size >= PART_BYTES:
            self.close()

    def close(self) -> None:
        """End the open part, on disk."""
        if not self._size:
            return
        self._put(self._frame.flush())
        places.finish(self._folder / self._name, self._file)
        sha256 = self._sum.hexdigest()
        self.parts.append({"file": self._name, "rows": self._rows, "sha256": sha256})
        self._size = 0

    def _open(self) -> None:
        self._name = f"part-{len(self.parts):05d}{self._mark}.ndjson.zst"
        self._file = places.begin(self._folder / self._name)
        self._frame, self._sum, self._rows = self._squeeze.compressobj(), hashlib.sha256(), 0

    def _put(self, body: bytes) -> None:
        self._sum.update(body)
        self._file.write(body)


def _make(folder: Place, stream: Stream) -> None:
    try:
        places.make(folder)
    except FileExistsError as error:
        what = f"{folder.name} exists already"
        raise FatalError(stream.label, what, "Start a new attempt") from error
    except OSError as error:
        raise translate(error, str(folder)) from error


@contextmanager
def _noted(folder: Place, stream: Stream) -> Iterator[None]:
    """Turn an error into failure.json and no parts, and let it go on."""
    try:
        yield
    except OSError as error:
        problem = translate(error, str(folder))
        _fail(folder, problem)
        raise problem from error
    except ExtractError as error:
        _fail(folder, error)
        raise
    except Exception as error:
        # Not chained: the text of a foreign error may hold a record or a query; its type does not.
        problem = _foreign(error, stream)
        _fail(folder, problem)
        raise problem from None


def _foreign(error: Exception, stream: Stream) -> FatalError:
    """Name where in our code an error came up that is none of ours: a reply's form, or a bug."""
    frames = traceback.extract_tb(error.__traceback__)
    last = [one for one in frames if OURS in Path(one.filename).parents][-1:] or frames[-1:]
    file = Path(last[0].filename)
    told = f"{type(error).__name__} at {file.name}:{last[0].lineno}"
    if file.parent.name == "sources":
        do = "Compare with the platform's change log, then report this line"
        return FatalError(stream.label, f"a reply has a form that is not known ({told})", do)
    return FatalError(stream.label, f"unexpected {told}", "Report this line; nothing was kept")


def _fail(folder: Place, error: ExtractError) -> None:
    # The disk may be full, the store away: then the attempt just counts as interrupted.
    with suppress(OSError, ExtractError):
        for part in folder.iterdir():
            part.unlink()
        note = {**error.parts, "retriable": isinstance(error, RetriableError)}
        write_last(folder, FAILURE, note)


def write_last(folder: Place, name: str, content: Mapping[str, Any]) -> None:
    """Write a file that is either whole or not there, after everything before it is on disk."""
    summed = {**content, SUM: _summed(content)}
    places.put(folder / name, orjson.dumps(summed, option=orjson.OPT_INDENT_2))


def _summed(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(content)).hexdigest()
