"""Core types: Window (days), Page (records), Stream (table), Source (system)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from extractors.core.errors import FatalError

if TYPE_CHECKING:
    from extractors.core.http import Client

Record: TypeAlias = Mapping[str, Any]
ColumnType = Literal[
    "VARCHAR", "BIGINT", "DOUBLE", "DECIMAL(18,4)", "BOOLEAN", "DATE", "TIMESTAMPTZ"
]
Mode = Literal["window", "snapshot", "cursor", "replace", "file"]


@dataclass(frozen=True, slots=True)
class Window:
    """Business days `first` to `last`, both included, with their bounds in UTC.

    Shape: `start` is included, `end` (midnight after `last` in the business time zone) is not.
    Raises: FatalError when `first` is after `last`.
    """

    first: date
    last: date
    start: datetime
    end: datetime

    @classmethod
    def of(cls, first: date, last: date, timezone: str) -> Window:
        """Return the window of whole business days in `timezone` (an IANA name)."""
        if first > last:
            raise FatalError("window", f"{first} is after {last}", "Swap --since and --until")
        zone = ZoneInfo(timezone)
        start = datetime.combine(first, time(), zone).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        return cls(first, last, start, end)

    @property
    def key(self) -> str:
        """Folder-safe name that sorts by time, e.g. 2026-01-01_2026-01-07."""
        return f"{self.first}_{self.last}"


@dataclass(frozen=True, slots=True)
class Scan:
    """What one extraction asks a stream for.

    Shape: `cursor` is the state that the platform gave at the end of the last loaded attempt;
    `settings` are the source's own lines in sources.yml (account ids, options), all text.
    """

    window: Window
    cursor: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one reply as the platform sent them; landing picks the declared columns.

    Shape: `fetched_at` is the platform's own clock (UTC); `cursor`, where the platform has one,
    is the state after this page: the last one of an attempt starts the next night.
    """

    records: Sequence[Record]
    fetched_at: datetime
    cursor: str | None = None


Extract: TypeAlias = "Callable[[Client, Scan], Iterator[Page]]"


@dataclass(frozen=True, slots=True)
class Column:
    """One landed field: its type in raw and where the platform keeps it.

    Shape: `path` is the dotted path inside a record (default: the column's own name);
    `personal` values are replaced by keyed hashes before anything touches the disk. `of` names
    streams of its source whose key it holds: a person's record there takes this row along when it
    is erased. `takes` names the stream whose record of this key leaves with the row.
    """

    type: ColumnType = "VARCHAR"
    path: str = ""
    personal: bool = False
    of: tuple[str, ...] = ()
    takes: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """One generator of pages plus the facts that landing and loader need.

    Shape: `key` is the grain; `columns` is the allow-list; `ignored` names top-level fields that
    are known and not wanted (everything else unknown is recorded as drift).
    mode: window (days are asked for and re-read), snapshot (today's state, dated by its fetch),
    cursor (the platform continues where we stopped), replace (each attempt is the whole table),
    file (rows of exports; newest by modification time, name, line).
    Units: `lookback_days` the platform keeps restating; `history_days` it still answers for; what
    it shows for `lives_hours` only is fetched between the nights, too.
    """

    source: str
    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    mode: Mode
    extract: Extract
    required: tuple[str, ...]
    ignored: frozenset[str] = frozenset()
    lookback_days: int = 0
    history_days: int = 365
    basis: Literal["lifetime", "daily"] | None = None
    page_size: int = 100
    lives_hours: int | None = None

    def __post_init__(self) -> None:
        """Fail at import time when a key or required field is not a declared column."""
        unknown = sorted({*self.key, *self.required} - set(self.columns))
        if unknown or not self.key:
            what = f"key or required names {unknown or 'no column'} outside columns"
            raise FatalError(self.label, what, f"Use names from {sorted(self.columns)}")

    @property
    def label(self) -> str:
        """Name used in messages and logs: source.stream."""
        return f"{self.source}.{self.name}"

    @property
    def table(self) -> str:
        """Raw table name: source__stream."""
        return f"{self.source}__{self.name}"

    @property
    def personal(self) -> frozenset[str]:
        """Columns that hold pseudonyms."""
        return frozenset(name for name, column in self.columns.items() if column.personal)

    @property
    def identities(self) -> frozenset[str]:
        """Columns that say who it is in every system, not by one system's own id."""
        return frozenset(n for n in self.personal if n not in self.key and not self.columns[n].of)

    @property
    def about_persons(self) -> bool:
        """Whether its rows leave with a person who is erased."""
        return bool(self.identities or any(column.of for column in self.columns.values()))


def stream(
    *,
    key: tuple[str, ...],
    columns: Mapping[str, Column],
    mode: Mode,
    required: tuple[str, ...] = (),
    ignored: frozenset[str] = frozenset(),
    lookback_days: int = 0,
    history_days: int = 365,
    basis: Literal["lifetime", "daily"] | None = None,
    page_size: int = 100,
    lives_hours: int | None = None,
) -> Callable[[Extract], Stream]:
    """Turn a page generator into a Stream named after its module and function."""

    def wrap(extract: Extract) -> Stream:
        source = extract.__module__.rpartition(".")[2]
        return Stream(
            source,
            extract.__name__,
            key,
            columns,
            mode,
            extract,
            required or key,
            ignored,
            lookback_days,
            history_days,
            basis,
            page_size,
            lives_hours,
        )

    return wrap


@dataclass(frozen=True, slots=True)
class Account:
    """One configured source: where it answers, as whom, and how rotated tokens are kept.

    Shape: `secrets` by field name (never logged); `keep` stores tokens that the platform rotates.
    """

    name: str
    base_url: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    keep: Callable[[Mapping[str, str]], None] = lambda _tokens: None

    def __repr__(self) -> str:
        """Never show a secret in a log or traceback."""
        return f"Account({self.name!r}, {self.base_url!r}, secrets={sorted(self.secrets)})"


@dataclass(frozen=True, slots=True)
class Source:
    """Facts of one system; every API source module has exactly one, named SOURCE.

    Shape: `credentials` and `settings` are required names; `permissions` maps a stream to the
    right it needs, in the platform's words, for `beyond-likes check`. `access` says how to get the
    credentials; `unproven` why no client of others has read the same rows, empty where one did.
    """

    area: Literal["social", "ads", "recruiting", "crm", "support", "shop", "money", "files"]
    title: str
    base_url: str
    connect: Callable[[Account], Client]
    credentials: tuple[str, ...] = ()
    optional_credentials: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    access: str = ""
    unproven: str = ""


def streams_of(module: ModuleType) -> dict[str, Stream]:
    """Return the streams a source module defines, by name; FatalError when it has none."""
    found = {s.name: s for s in vars(module).values() if isinstance(s, Stream)}
    if not found:
        raise FatalError(
            module.__name__, "no @stream function found", "Decorate at least one function"
        )
    return found
