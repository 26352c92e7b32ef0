"""Company: the tables that business people keep, CSV or XLSX, replaced whole when they change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from extractors.core import checks, tabular
from extractors.core.checks import Line, Period
from extractors.core.errors import FatalError
from extractors.core.exports import Export, Outcome, land_pages
from extractors.core.landing import MANIFEST, FileInfo
from extractors.core.places import Place
from extractors.core.table import Reading
from extractors.core.types import Column, ColumnType, Page, Scan, Stream, Window

VERSION = "1"  # counts up when a check or a column changes: files are then landed again
ENDINGS = (".csv", ".xlsx")
ABSENT = "absent"  # fingerprint of a table whose file was removed
SLICES = ("total", "channel_kind", "platform", "campaign", "audience", "message")
LEVERS = ("targeting", "message", "platform", "budget", "target")
GOALS = ("recruiting", "sales", "commerce", "support")
KINDS = ("social", "conventional", "unknown")
Records: TypeAlias = list[dict[str, Any]]
DATES = ("valid_from", "valid_to", "date", "effective_from", "next_review", "starts", "ends")


def _read_as_files(_client: object, scan: Scan) -> Iterator[Page]:
    what = f"company tables are not asked for days ({scan.window.key})"
    raise FatalError("company", what, "Run beyond-likes extract company")


def _table(name: str, key: str, columns: str) -> Stream:
    kinds: dict[str, ColumnType] = {**dict.fromkeys(DATES, "DATE"), "target": "DOUBLE"}
    return Stream(
        source="company",
        name=name,
        key=tuple(key.split()),
        columns={one: Column(kinds.get(one, "VARCHAR")) for one in columns.split()},
        mode="replace",
        extract=_read_as_files,
        required=(),
    )


STREAMS: Mapping[str, Stream] = {
    one.name: one
    for one in (
        _table(
            "kpi_targets",
            "kpi slice slice_value valid_from",
            "kpi slice slice_value valid_from valid_to target reason",
        ),
        _table(
            "kpi_owners",
            "kpi source department valid_from contact",
            "kpi source department contact_name contact valid_from valid_to",
        ),
        _table(
            "kpi_reviews",
            "date kpi campaign lever decision",
            "date kpi campaign lever decision effective_from next_review",
        ),
        _table(
            "campaigns",
            "campaign",
            "campaign goal department platform audience message starts ends utm_campaign"
            " external_ids",
        ),
        _table("source_map", "system value", "system value platform channel_kind"),
    )
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the checks compare with: KPI keys; None means that nobody knows them."""

    kpis: Collection[str] | None

    def kpi(self, line: Line, name: str = "kpi") -> str:
        """Return the KPI of a line. Raises: FatalError when no such KPI is defined."""
        kpi = line.need(name)
        if self.kpis and kpi not in self.kpis:
            do = checks.suggestion(kpi, self.kpis)
            raise line.wrong(f"KPI {kpi!r} is unknown", do)
        return kpi


def check_targets(lines: list[Line], known: Known) -> Records:
    """Return the targets; one KPI and slice has one target a day."""
    rows: Records = []
    periods: dict[tuple[str, ...], list[Period]] = {}
    for line in lines:
        kpi = known.kpi(line)
        cut = line.one_of("slice", SLICES) or "total"
        value = "all" if cut == "total" else line.need("slice_value")
        period = Period.of(line)
        periods.setdefault((kpi, cut, value), []).append(period)
        own = {"kpi": kpi, "slice": cut, "slice_value": value, "target": line.number_of("target")}
        rows.append({**own, **_validity(period), "reason": line.get("reason")})
    for (kpi, cut, value), found in periods.items():
        shown = cut if cut == "total" else f"{cut} {value}"
        checks.no_overlap(found, f"target for {kpi} ({shown})")
    return rows


def check_owners(lines: list[Line], known: Known) -> Records:
    """Return the owners; a department names one contact a day for a KPI or a source."""
    rows: Records = []
    periods: dict[tuple[str, ...], list[Period]] = {}
    for line in lines:
        thing = _owned(line, known)
        period = Period.of(line)
        own = {name: line.get(name) for name in ("department", "contact_name", "contact")}
        said = (thing["kpi"] or thing["source"] or "", own["department"] or "")
        periods.setdefault(said, []).append(period)
        rows.append({**thing, **own, **_validity(period)})
    for (name, department), found in periods.items():
        shown = f" ({department})" if department else ""
        checks.no_overlap(found, f"owner of {name}{shown}")
    return rows


def _owned(line: Line, known: Known) -> dict[str, str | None]:
    """Return what a line of owners is about; one column may hold KPIs and sources alike."""
    kpi, source, either = (line.get(name) for name in ("kpi", "source", "kpi_or_source"))
    if kpi:
        known.kpi(line)
    elif either and not source:
        is_kpi = not known.kpis or either in known.kpis
        kpi, source = (either, None) if is_kpi else (None, either)
    if not (kpi or source):
        raise line.wrong("kpi and source are both empty", "Name the KPI or the source")
    return {"kpi": kpi, "source": source}


def check_reviews(lines: list[Line], known: Known) -> Records:
    """Return the decisions of reviews."""
    rows: Records = []
    for line in lines:
        line.need("date")
        own = {name: line.get(name) for name in ("campaign", "decision")}
        days = {name: _iso(line.day(name)) for name in ("date", "effective_from", "next_review")}
        lever = line.one_of("lever", LEVERS)
        rows.append({"kpi": known.kpi(line), "lever": lever, **own, **days})
    return rows


def check_campaigns(lines: list[Line], _known: Known) -> Records:
    """Return the campaigns; name, utm_campaign and external id each belong to one of them."""
    rows: Records = []
    taken: dict[tuple[str, str], Line] = {}
    for line in lines:
        name, goal = line.need("campaign"), line.need("goal").lower()
        if goal not in GOALS and "Write" in (do := checks.suggestion(goal, GOALS)):
            raise line.wrong(f"goal {goal!r} is unknown", do)
        Period.of(line, "starts", "ends")
        _take(taken, "campaign", name, line)
        _take(taken, "utm_campaign", line.get("utm_campaign"), line)
        for external in (line.get("external_ids") or "").split(";"):
            if external.strip() and ":" not in external.strip(" :"):
                what = f"external id {external.strip()!r} does not name its source"
                raise line.wrong(what, "Write source:id, such as linkedin_ads:123, several by ;")
            _take(taken, "external id", external.strip(), line)
        own = {one: line.get(one) for one in STREAMS["campaigns"].columns}
        days = {"starts": _iso(line.day("starts")), "ends": _iso(line.day("ends"))}
        rows.append({**own, "goal": goal, **days})
    return rows


def check_source_map(lines: list[Line], _known: Known) -> Records:
    """Return the names, each once; a second row may repeat an answer, not contradict it."""
    rows: Records = []
    answers: dict[tuple[str, str], tuple[Line, tuple[str | None, ...]]] = {}
    for line in lines:
        system, value = (line.get("system") or "*").lower(), line.need("value")
        line.need("channel_kind")
        answer = ((line.get("platform") or "").lower() or None, line.one_of("channel_kind", KINDS))
        earlier = answers.get((system, value.lower()))
        if earlier is None:
            answers[system, value.lower()] = line, answer
            own = {"platform": answer[0], "channel_kind": answer[1]}
            rows.append({"system": system, "value": value, **own})
        elif earlier[1] != answer:
            what = f"{value!r} of system {system} contradicts line {earlier[0].number}"
            raise line.wrong(what, "Keep one of the two lines")
    return rows


def _take(taken: dict[tuple[str, str], Line], kind: str, value: str | None, line: Line) -> None:
    if not value:
        return
    earlier = taken.setdefault((kind, value.lower()), line)
    if earlier is not line:
        what = f"{kind} {value!r} stands already in line {earlier.number}"
        raise line.wrong(what, "Keep one of the two lines")


def _validity(period: Period) -> dict[str, str | None]:
    """Return the dates of a validity; an open beginning is 1900-01-01, an open end is null."""
    last = None if period.last == checks.OPEN_END else period.last.isoformat()
    return {"valid_from": period.first.isoformat(), "valid_to": last}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


Check = Callable[[list[Line], Known], Records]
CHECKS: Mapping[str, tuple[Check, tuple[str, ...], tuple[str, ...]]] = {
    "kpi_targets": (check_targets, ("kpi", "target"), ()),
    "kpi_owners": (check_owners, (), ("kpi_or_source",)),
    "kpi_reviews": (check_reviews, ("date", "kpi"), ()),
    "campaigns": (check_campaigns, ("campaign", "goal"), ()),
    "source_map": (check_source_map, ("value", "channel_kind"), ()),
}


def land_all(
    folder: Path,
    *,
    timezone: str,
    window: Window,
    root: Place,
    key: bytes,
    known: Mapping[str, Collection[str]],
    known_kpis: Collection[str] | None,
    only: Collection[str] | None = None,
) -> list[Outcome]:
    """Land every company table that changed; a table with a mistake keeps what it had.

    Shape: `known` holds the loaded fingerprints of a table. A table without a file is left out; one
    whose file was removed becomes empty.
    """
    del timezone  # company tables hold days, which need none
    outcomes = []
    for name, stream in STREAMS.items():
        if only is not None and name not in only:
            continue
        paths = [folder / f"{name}{end}" for end in ENDINGS if (folder / f"{name}{end}").is_file()]
        newest = _newest_landed(root, stream)
        if not paths and newest is None and not known.get(name):
            continue
        label = f"{folder.name}/{paths[0].name if paths else name}"
        pages = _pages(paths, stream, label, Known(known_kpis))
        info = _info(paths, folder, label, known_kpis)
        if info.fingerprint == newest and newest in known.get(name, ()):
            outcomes.append(Outcome(stream.label, label, "unchanged"))
            continue
        outcomes.append(land_pages(stream, window, pages, root=root, key=key, info=info))
    return outcomes


def _info(
    paths: list[Path], folder: Path, label: str, known_kpis: Collection[str] | None
) -> FileInfo:
    if not paths:
        return FileInfo(label, datetime.now(UTC), ABSENT, 0)
    export = Export.at(paths[0], folder.parent)
    kpis = hashlib.sha256("\0".join(sorted(known_kpis or ())).encode()).hexdigest()
    return FileInfo(label, export.modified_at, export.fingerprint(VERSION, kpis), 0)


def _newest_landed(root: Place, stream: Stream) -> str | None:
    """Return the fingerprint of the newest finished attempt; None when there is none."""
    found: Iterator[Place] = (root / stream.source / stream.name).glob(
        f"window=*/attempt=*/{MANIFEST}"
    )
    newest = max(found, key=lambda path: path.parent.name, default=None)
    if newest is None:
        return None
    manifest: dict[str, Any] = orjson.loads(newest.read_bytes())
    return str((manifest.get("file") or {}).get("fingerprint"))


def _pages(paths: list[Path], stream: Stream, where: str, known: Known) -> Iterator[Page]:
    """Yield the whole table once it is free of mistakes."""
    if not paths:
        return
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        raise FatalError(where, f"there are two files, {names}", "Keep one of them")
    check, required, aliases = CHECKS[stream.name]
    try:
        table = tabular.read(paths[0], where, Reading(expected=tuple(stream.columns)))
        lines = checks.lines_of(table, where, (*stream.columns, *aliases), required)
    except OSError as error:
        what = f"not readable ({error.strerror or type(error).__name__})"
        raise FatalError(where, what, "Give beyond-likes the right to read the file") from error
    yield Page(check(lines, known), datetime.now(UTC))
