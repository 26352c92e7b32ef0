"""The steps of a night, each callable alone: plan, extract, load, build, publish.

Joins sources, core and settings; with cli.py the only reader of the environment. The DAG and the
command line call these functions and nothing else; all arguments and results fit JSON.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from extractors import handover, locks, news, planning, release, spark
from extractors import project as projects
from extractors.build import dbt
from extractors.config import Config
from extractors.core import landing, ledger, loader
from extractors.core.errors import ExtractError, UsageError
from extractors.core.privacy import key_id
from extractors.core.types import Page, Scan, Stream, Window
from extractors.privacy.doors import doors
from extractors.privacy.upkeep import catch_up, keep_up
from extractors.project import FILE_SOURCES, Project, modules, streams

log = logging.getLogger(__name__)

WORKERS = 4  # API calls wait; more threads than this only queue for the interpreter
Item = dict[str, Any]
Outcome = dict[str, Any]
Say = Callable[[str], None]
PageMaker = Callable[[Path, date, Config], str]  # injected: extractors do not know the dashboard


def project(file: str | Path) -> Project:
    """Return the project of one sources.yml in this process's environment."""
    return Project.open(Path(file), os.environ)


def business_day(file: str | Path, day: str | date | None = None) -> date:
    """Return `day`, by default the last complete one in the business time zone (yesterday)."""
    if isinstance(day, date):
        return day
    if day is None:
        zone = ZoneInfo(project(file).config.timezone)
        return datetime.now(zone).date() - timedelta(days=1)
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise UsageError("--date", f"{day!r} is no date", "Write it as 2026-01-31") from error


def source_labels(file: str | Path) -> dict[str, list[str]]:
    """Return the extraction steps of each configured source: its streams; files are one step."""
    steps: dict[str, list[str]] = {
        name: [label for label, stream in streams().items() if stream.source == name]
        for name in project(file).api_sources
    }
    return {**steps, **{name: [name] for name in FILE_SOURCES}}


def short_lived(file: str | Path) -> list[str]:
    """Return the steps that are due between the nights, too: what they read is gone in hours."""
    own = project(file).api_sources
    return [label for label, one in streams().items() if one.source in own and one.lives_hours]


def plan(
    file: str | Path, day: str | date | None = None, *, since: date | None = None
) -> dict[str, Item]:
    """Return what each extraction step has to ask for, from the ledger's watermarks.

    Shape: label → {first, last, cursor} and for files {first, last, known fingerprints}. `since`
    asks for older days again. Reads the warehouse, so that no extraction has to.
    """
    own, last = project(file), business_day(file, day)
    labels = [label for labels in source_labels(file).values() for label in labels]
    with locks.writer(own), locks.opened(own) as db:
        loader.prepare(db, streams().values())
        return {label: planning.item(own, db, label, last, since) for label in labels}


def _given(own: Project, secrets: Mapping[str, str] | None) -> Project:
    return Project(own.config, {**(secrets or {}), **own.env})


def extract(
    file: str | Path, label: str, item: Item, *, secrets: Mapping[str, str] | None = None
) -> Outcome:
    """Bring one stream (or all files of a file source) to landing and return what arrived.

    Shape: {label, rows, attempts, errors}. `secrets` fill what the environment lacks.
    Raises: ExtractError, after noting it in landing, where a stream failed; files that fail are
    listed in `errors`, the others are landed.
    """
    own = _given(project(file), secrets)
    window = Window.of(
        date.fromisoformat(item["first"]), date.fromisoformat(item["last"]), own.config.timezone
    )
    with locks.landing(own):
        if label in FILE_SOURCES:
            return _extract_files(own, label, window, item)
        return _extract_stream(own, label, window, item)


def _extract_stream(own: Project, label: str, window: Window, item: Item) -> Outcome:
    if label not in streams():
        raise UsageError(label, "no such stream", f"Choose from: {', '.join(streams())}")
    stream = streams()[label]
    if stream.source not in own.config.sources:
        raise UsageError(label, "not configured", f"Add {stream.source}: to sources.yml")
    pages = _pages(own, stream, window, item.get("cursor"))
    door = doors(own, window.last)(stream)
    landed = landing.land(stream, window, pages, root=own.landing, key=own.hmac_key(), keep=door)
    log.info("%s: %d rows landed for %s", label, landed.rows, window.key)
    return {"label": label, "rows": landed.rows, "attempts": 1, "errors": []}


def _pages(own: Project, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
    """Connect inside the generator: a missing credential is noted in landing like any failure."""
    account = own.account(stream.source)
    client = modules()[stream.source].SOURCE.connect(account)
    yield from stream.extract(client, Scan(window, cursor, account.settings))


def _extract_files(own: Project, source: str, window: Window, item: Item) -> Outcome:
    known = {name: set(prints) for name, prints in item.get("known", {}).items()}
    shared: dict[str, Any] = {
        "timezone": own.config.timezone,
        "window": window,
        "root": own.landing,
        "key": own.hmac_key(),
        "known": known,
    }
    module = modules()[source]
    if source == "company":
        kpis = projects.known_kpis()
        outcomes = module.land_all(own.config.company, known_kpis=kpis, **shared)
    else:
        outcomes = module.land_all(
            own.config.sources.get(source, {}),
            folder=own.config.folder,
            default_folder=own.config.drop or own.config.home / "drop",
            reject_limit=own.config.reject_limit,
            keep=doors(own, window.last),
            **shared,
        )
    errors = [str(outcome.error) for outcome in outcomes if outcome.error]
    landed = [outcome for outcome in outcomes if outcome.status == "landed"]
    rows = sum(outcome.rows for outcome in landed)
    return {"label": source, "rows": rows, "attempts": len(landed), "errors": errors}


def extract_all(
    file: str | Path,
    items: Mapping[str, Item],
    *,
    only: Collection[str] | None = None,
    done: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """Run extract for every planned label; sources side by side, the streams of one in order.

    A label that fails has its message in `errors`; the others go on.
    """

    def one_source(labels: Sequence[str]) -> list[Outcome]:
        outcomes = []
        for label in labels:
            if only is not None and label not in only:
                continue
            try:
                outcome = extract(file, label, items[label])
            except ExtractError as error:
                outcome = {"label": label, "rows": 0, "attempts": 0, "errors": [str(error)]}
            done(outcome)
            outcomes.append(outcome)
        return outcomes

    with ThreadPoolExecutor(WORKERS) as pool:
        batches = pool.map(one_source, source_labels(file).values())
        return [outcome for batch in batches for outcome in batch]


def load(
    file: str | Path,
    day: str | date | None = None,
    *,
    rebuild: bool = False,
    only: str | None = None,
    secrets: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Load every landed attempt that no ledger row covers; `rebuild` makes raw anew (replay).

    Before, erased persons and rows that are too old as of `day` leave landing and raw; a `day` that
    has not been yet counts as the last one that has. `secrets` fill what the environment lacks.
    Shape: one {label, rows, rejected, errors} a stream that had something to load.
    """
    own = _given(project(file), secrets)
    key = key_id(own.hmac_key())
    with locks.writer(own):
        keep_up(own, min(business_day(file, day), business_day(file)), whole=rebuild)
        if rebuild:
            chosen = {k: s for k, s in streams().items() if only is None or s.source == only}
            loader.replay(own.warehouse, chosen, own.landing, key=key)
            catch_up(own)
            return []
        with locks.opened(own) as db:
            loader.prepare(db, streams().values())
            ledger.same_key(db, key)
            loaded = loader.load(db, streams(), own.landing, key=key)
        catch_up(own)
    return [
        {"label": one.label, "rows": one.rows, "rejected": one.rejected, "errors": list(one.errors)}
        for one in loaded
    ]


def build(
    file: str | Path,
    day: str | date | None = None,
    arguments: Sequence[str] = (),
    *,
    say: Say = log.info,
) -> None:
    """Run `dbt build` on what is loaded, as of `day`; the marts count as whole once all of it ran.

    Raises: FatalError that names what failed; nothing is published then.
    """
    own, last = project(file), business_day(file, day)
    with locks.writer(own):
        with locks.opened(own) as db:
            loader.prepare(db, streams().values())
            unread = handover.note(db, own, last, whole=not arguments)
            keeps = news.keeps(db)
        dbt(
            "build",
            arguments or handover.night(unread, keeps=keeps),
            project=projects.DBT_PROJECT,
            warehouse=own.warehouse,
            work=own.config.home / "dbt",
            say=say,
        )
        with locks.opened(own) as db:
            news.finish(db)


def hand_over(file: str | Path, folder: Path, day: str | date | None = None) -> list[str]:
    """Write what dbt on Spark reads in the place of the warehouse; return its build's arguments.

    Raises: UsageError when `folder` is there already; FatalError where landing is damaged.
    """
    own = project(file)
    with locks.writer(own):
        return spark.hand_over(own, business_day(file, day), folder)


def publish(file: str | Path, *, page: PageMaker | None = None, keep: int = release.KEEP) -> str:
    """Publish the marts of the last whole build and return the folder readers open.

    `page` makes the review page of the release, of its marts, day and the settings; both are
    swapped in together. The newest `keep` releases stay.
    """
    own = project(file)
    made = None if page is None else lambda marts, day: page(marts, day, own.config)
    with locks.writer(own), locks.opened(own) as db:
        manifest = own.config.home / "dbt" / "target" / "manifest.json"
        cell = own.config.smallest_cell
        release.publish(db, own.config.home, manifest, page=made, keep=keep, smallest_cell=cell)
    return str(own.config.home / "published")


@contextmanager
def alone(file: str | Path) -> Iterator[None]:
    """Run a whole night in the block. Raises: RetriableError while another one runs here."""
    with locks.night(project(file)):
        yield
