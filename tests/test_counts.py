"""What a night costs in counts, which do not vary as seconds do: a cost that grows fails here."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from dashboard import german
from dashboard.page import About, build
from extractors import release, run
from extractors.core.landing import land
from extractors.core.ledger import connect
from extractors.core.loader import load, prepare
from extractors.core.types import Page, Window
from sandbox.serve import running
from sandbox.servers.wire import Platform, Reply, Request
from tests.conftest import SECRET
from tests.core.streams import NOON, made, row
from tests.counting import Counting, counted, total
from tests.dashboard import company

LAST = date(2026, 3, 31)
VALUES = 300_000
PER_PAGE = 500  # the most that Greenhouse gives a page
LOOKBACK = timedelta(days=2)  # before the new day: what Greenhouse changed then is read again
CHANGING = ("applications", "application_stages", "offers")
WHOLE = ("jobs", "job_interview_stages", "sources", "openings")


@dataclass
class Watched:
    """A platform that notes what it was asked for, by path, and how many bytes it gave."""

    platform: Platform
    requests: Counter[str] = field(default_factory=Counter)
    given: int = 0

    def handle(self, request: Request) -> Reply:
        reply = self.platform.handle(request)
        self.requests[request.path] += 1
        self.given += len(json.dumps(reply.body, separators=(",", ":")))
        return reply

    def expire(self) -> None:
        self.platform.expire()

    def refusal(self, status: int) -> Reply:
        return self.platform.refusal(status)


@dataclass
class Night:
    """What one night asked for, landed and read; `held` and `changed` are the platform's rows."""

    held: dict[str, int]
    changed: dict[str, int]
    requests: Counter[str]
    given: int
    landed: dict[str, int]
    landed_bytes: int
    scanned: Counter[str]
    statements: int


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Night]:
    """The first night of a company that has Greenhouse, and the next one."""
    folder = tmp_path_factory.mktemp("counts")
    options: Any = {"last_day": LAST, "seed": 3, "days": 75, "sources": ("greenhouse",)}
    with running(folder, **options) as sandbox:
        lived = []
        for day in (LAST - timedelta(days=1), LAST):
            sandbox.set_day(day)
            lived.append(live(sandbox.platforms, folder, day))
    return lived


def live(platforms: dict[str, Any], folder: Path, day: date) -> Night:
    platform = platforms["greenhouse"]
    tables = {name: platform._rows(name) for name in (*CHANGING, *WHOLE)}
    since = datetime.combine(day - LOOKBACK, time(), ZoneInfo("Europe/Berlin"))
    changed = {
        name: sum(datetime.fromisoformat(one["updated_at"]) >= since for one in tables[name])
        for name in CHANGING
    }
    platforms["greenhouse"] = watched = Watched(platform)
    config, landing = folder / "sources.yml", folder / "data" / "landing" / "greenhouse"
    before = size(landing)
    plan = run.plan(config, day)
    outcomes = run.extract_all(config, plan, only={one for one in plan if "greenhouse" in one})
    platforms["greenhouse"] = platform
    with counted() as opened:
        run.load(config)
    return Night(
        {name: len(rows) for name, rows in tables.items()},
        changed,
        watched.requests,
        watched.given,
        {one["label"].partition(".")[2]: one["rows"] for one in outcomes},
        size(landing) - before,
        total(opened),
        sum(db.statements for db in opened),
    )


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("part-*"))


def pages(records: int) -> int:
    return max(math.ceil(records / PER_PAGE), 1)


def test_requests_are_the_pages_that_there_are(nights: list[Night]) -> None:
    first, second = nights
    assert first.held["applications"] > PER_PAGE
    reads = {"applications": 2}  # once more, for the ids of all that there are
    for name in CHANGING:
        ids = pages(second.held[name]) * (reads.get(name, 1) - 1)
        assert first.requests[f"/v3/{name}"] == reads.get(name, 1) * pages(first.held[name]), name
        assert second.requests[f"/v3/{name}"] == pages(second.changed[name]) + ids, name
    for night in nights:
        assert {name: night.requests[f"/v3/{name}"] for name in WHOLE} == {
            name: pages(night.held[name]) for name in WHOLE
        }
        assert night.requests["/token"] <= len(night.landed)  # each stream may be another host's


def test_a_night_lands_what_is_new_and_no_more(nights: list[Night]) -> None:
    first, second = nights
    assert {name: second.landed[name] for name in CHANGING} == second.changed
    assert sum(second.changed.values()) < 0.1 * sum(first.landed.values())
    for night in nights:
        assert 0 < night.landed_bytes < 0.2 * night.given  # compressed, and what is declared alone


def test_a_load_reads_each_raw_table_three_times_at_most(nights: list[Night]) -> None:
    """Once to find the keys that come again, twice to take the losing rows out."""
    _, second = nights
    for name in CHANGING:
        assert 0 < second.scanned[f"raw.greenhouse__{name}"] < 3.2 * second.held[name], name
    for night in nights:
        assert 0 < night.scanned["raw._staged"] <= 6 * sum(night.landed.values())
    assert second.statements <= 35 * len(second.landed)


Rows = list[dict[str, Any]]


def loaded(folder: Path, *batches: Rows, before: Rows | None = None) -> tuple[Counting, Path]:
    """Load each batch as an attempt of its own, onto those before; return what that cost."""
    stream, root = made(), folder / "landing"
    window = Window.of(date(2026, 3, 1), date(2026, 3, 1), "UTC")

    def put(rows: Rows, attempt: str) -> None:
        land(stream, window, [Page(rows, NOON)], root=root, key=SECRET, attempt=attempt)

    with counted() as opened, connect(folder / "warehouse.duckdb") as db:
        prepare(db, [stream])
        if before:
            put(before, "A")
            load(db, {stream.label: stream}, root)
        for number, rows in enumerate(batches):
            put(rows, f"B{number}")
        opened[0].reset()
        load(db, {stream.label: stream}, root)
        assert opened[0].scanned
    return opened[0], root


def posts(first: int, last: int) -> Rows:
    return [row(f"p{number}", number) for number in range(first, last)]


def test_statements_of_a_load_follow_attempts_and_never_rows(tmp_path: Path) -> None:
    few, _ = loaded(tmp_path / "few", posts(0, 10), before=posts(0, 10))
    many, _ = loaded(tmp_path / "many", posts(0, 2_000), before=posts(0, 2_000))
    six = [posts(number, number + 1) for number in range(6)]
    attempts, _ = loaded(tmp_path / "six", *six, before=posts(0, 10))
    assert many.statements == few.statements <= 33
    assert attempts.statements - few.statements == 5 * 2  # its rows, and its line in the ledger


def test_a_load_of_many_attempts_reads_raw_no_more_often(tmp_path: Path) -> None:
    six = [posts(number, number + 9) for number in range(6)]
    once, _ = loaded(tmp_path / "one", posts(0, 14), before=posts(0, 2_000))
    often, _ = loaded(tmp_path / "six", *six, before=posts(0, 2_000))
    assert often.scanned["raw.social__posts"] == once.scanned["raw.social__posts"] <= 3 * 2_000


def test_a_load_without_news_reads_neither_raw_nor_landing(tmp_path: Path) -> None:
    _, root = loaded(tmp_path, posts(0, 10))
    for file in root.glob("*/*/*/*/*"):  # parts and manifests
        file.write_bytes(b"whoever reads this stops")
    with counted() as opened, connect(tmp_path / "warehouse.duckdb") as db:
        assert load(db, {made().label: made()}, root) == []
    assert opened[0].scanned.keys() <= {"ops.load_ledger"}
    assert opened[0].statements <= 4  # three open the warehouse


def test_the_page_asks_once_for_all_kpis(tmp_path: Path) -> None:
    content = company.small()
    score, definition = content["kpi_scorecard"][0], content["kpi_definitions"][0]
    content["kpi_scorecard"] = [{**score, "kpi": kpi} for kpi in german.NAMES]
    content["kpi_definitions"] = [{**definition, "kpi": kpi} for kpi in german.NAMES]
    file = company.write(tmp_path / "marts.duckdb", content)
    with counted() as opened:
        build(file, About(company.DAY))
    assert len(opened) == 1
    assert opened[0].statements <= 22 < len(german.NAMES)
    assert 0 < opened[0].scanned["main.kpi_values"] <= 4 * len(content["kpi_values"])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of 15 KPIs in 20 slices over 1,000 days, built in no order."""
    home = tmp_path_factory.mktemp("published")
    with duckdb.connect() as db:
        db.execute("create schema ops")
        db.execute("create schema marts")
        db.execute("create table ops.build (business_date date, finished boolean)")
        db.execute("insert into ops.build values ('2026-11-22', true)")
        db.execute(
            f"""create table marts.kpi_values as
            select 'kpi ' || (n % 15) as kpi, 'day' as period_grain,
                date '2023-01-01' + cast(n // 300 as integer) as period_start,
                'campaign' as slice, 'campaign ' || (n // 15 % 20) as slice_value,
                n % 1000 as numerator, (n % 1000) / 7.0 as value
            from range({VALUES}) as r(n)"""
        )
        release.publish(db, home, home / "no_manifest.json")
    return (home / "published").resolve()


def test_a_kpi_is_read_without_the_others(published: Path) -> None:
    """Its rows lie together: of fifteen KPIs one or two row groups are read."""
    with counted() as opened, duckdb.connect(str(published / "marts.duckdb"), read_only=True) as db:
        sql = "select period_start, value from kpi_values where kpi = ? and slice = 'campaign'"
        assert len(db.execute(sql, ["kpi 7"]).fetchall()) == VALUES // 15
    assert opened[0].scanned["main.kpi_values"] <= 2 * 122_880 < VALUES


def test_a_release_takes_few_bytes_a_row(published: Path) -> None:
    assert (published / "marts.duckdb").stat().st_size < 15 * VALUES
    assert (published / "parquet" / "kpi_values.parquet").stat().st_size < VALUES
