"""A small company on the evening before DAY, and what an undisturbed night of DAY makes of it.

Every trial (tests/trials.py) gets a copy, disturbs it, and is held against the undisturbed one.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from sandbox.faults import Faults
from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES
from tests.company import Company, parsed
from tests.readers import digest, raw, tables

DAY = date(2026, 3, 31)
EXTRACT, LOAD = ("extract", "--date", str(DAY)), ("load",)
BUILD, PUBLISH = ("build", "--date", str(DAY)), ("publish",)
SENTENCE = re.compile(r"^\S.*: .+\. .+\.$")
SOURCES = ("greenhouse",)  # the rest of the company's systems come as files
DAYS, SCALE = 45, 0.05
GONE_NIGHTS = 5
FILES = """
sources:
  file_drop:
    touchpoints: [{files: exports/touchpoints.csv}]
    leads: [{files: exports/leads.csv}]
"""


class Exports:
    """A company that writes two exports and a table of targets every morning, and no more."""

    def at(self, day: date, folder: Path) -> None:
        """Put the files of the morning after `day` into a folder."""
        company = Company(folder)
        days = [date(day.year, 1, 1) + timedelta(n) for n in range(day.timetuple().tm_yday)]
        touches = [f"t{n},p{n % 7},{one} 10:00:00,linkedin" for n, one in enumerate(days)]
        leads = [f"l{n},{one} 11:00:00,p{n % 7}" for n, one in enumerate(days)]
        lines = {
            "exports/touchpoints.csv": ["touch_id,person,touched_at,platform", *touches],
            "exports/leads.csv": ["lead_id,created_at,person", *leads],
            "company/kpi_targets.csv": [
                "kpi,slice,slice_value,valid_from,valid_to,target,reason",
                f"hires,total,,2026-01-01,,{len(days)},plan",
            ],
        }
        company.settings(FILES)
        for name, content in lines.items():
            company.write(name, "\n".join(content) + "\n")


class Systems:
    """The simulated company: one system that is asked over HTTP, the others as files."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def at(self, day: date, folder: Path) -> None:
        """Move the company's clock; the files of that morning go into a folder."""
        self._sandbox.out = folder
        self._sandbox.set_day(day)

    @contextmanager
    def trouble(self, faults: str) -> Iterator[None]:
        """Let the system have a bad time while the block runs."""
        try:
            self._sandbox.faults = Faults.parse(faults, seed=3, platforms=list(MODULES))
            yield
        finally:
            self._sandbox.faults = Faults.parse("", seed=3, platforms=list(MODULES))


@dataclass
class Ground:
    """A company's folders: `before` has all nights but the last, `quiet` has that one, too.

    The short form extracts and loads what a few exports hold, and compares raw tables. The whole
    one runs nights of the simulated company to their end and compares every fact and KPI.
    """

    folder: Path
    systems: Exports | Systems
    whole: bool
    seconds: dict[str, float] = field(default_factory=dict)  # of each stage, undisturbed; of `run`
    before: Company = field(init=False)
    quiet: Company = field(init=False)

    @classmethod
    @contextmanager
    def open(cls, folder: Path, *, whole: bool) -> Iterator[Ground]:
        """Live through the two nights; serve the company while the block runs."""
        with ExitStack() as stack:
            systems: Exports | Systems = Exports()
            if whole:
                served = running(folder / "company", last_day=DAY, seed=3, days=DAYS, scale=SCALE,
                                 sources=SOURCES)  # fmt: skip
                systems = Systems(stack.enter_context(served))
            ground = cls(folder, systems, whole)
            ground._live()
            yield ground

    def _live(self) -> None:
        self.before = Company(self.folder / "company")
        self.systems.at(DAY - timedelta(days=1), self.before.folder)
        done = Case(self, self.before, random.Random(0)).night(DAY - timedelta(days=1))
        assert done.returncode == 0, f"{done.stdout[-300:]} {done.stderr[-300:]}"
        self.systems.at(DAY, self.before.folder)
        self.quiet = self.copy(self.before, "quiet")
        case = Case(self, self.quiet, random.Random(0))
        for stage in (EXTRACT, LOAD, BUILD, PUBLISH) if self.whole else (EXTRACT, LOAD):
            begin = time.monotonic()
            case.works(*stage)
            self.seconds[stage[0]] = time.monotonic() - begin
        self.seconds["run"] = sum(self.seconds.values())

    @cached_property
    def raw(self) -> dict[str, tuple[int, str]]:
        """Rows and checksum of every raw table after the undisturbed night."""
        return raw(self.quiet.folder / "data" / "warehouse.duckdb")

    @cached_property
    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        """Every published fact, dimension and KPI after the undisturbed night."""
        return tables(self.quiet.folder / "data" / "published")

    def copy(self, company: Company, name: str) -> Company:
        """Return a copy of a company in the folder `name`."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(company.folder, folder, symlinks=True)
        return Company(folder)


@dataclass
class Case:
    """One trial's copy of the company: what a disturbance acts on, and what is asked afterwards."""

    ground: Ground
    company: Company
    rng: random.Random
    hits: int = 0  # disturbances that met what they were meant for
    said: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """The home of the company's runs."""
        return self.company.folder / "data"

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command as its user does."""
        if arguments[0] not in ("build", "run"):
            return self.company.run(*arguments, **env)
        with parsed(self.data / "dbt" / "target"):
            return self.company.run(*arguments, **env)

    def night(self, day: date = DAY) -> subprocess.CompletedProcess[str]:
        """Run a night, as far as this form goes."""
        if self.ground.whole:
            return self.run("run", "--date", str(day))
        extracted = self.run("extract", "--date", str(day))
        loaded = self.run("load")
        return extracted if extracted.returncode else loaded

    def works(self, *arguments: str, **env: str) -> str:
        """Run a command that must succeed; return its output."""
        done = self.run(*arguments, **env)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-300:]} {done.stderr[-600:]}"
        return done.stdout

    def fails(self, words: str, *arguments: str, code: int = 1, **env: str) -> None:
        """Run a command that must end with clear sentences, one with `words`, and change nothing.

        Raises: AssertionError where it does not.
        """
        before = self.state()
        self.told(self.run(*arguments, **env), words, code=code)
        assert self.state() == before, f"{arguments}: something changed"

    def told(self, done: subprocess.CompletedProcess[str], words: str, *, code: int = 1) -> None:
        """Hold what a command said of its failure against the form of our errors."""
        lines = done.stderr.strip().splitlines()
        assert done.returncode == code, f"ended with {done.returncode}, not {code}: {lines[-3:]}"
        wrong = [line for line in lines if not SENTENCE.match(line)]
        assert not wrong, f"no clear sentence: {wrong[:3]}"
        assert any(re.search(words, line) for line in lines), f"no {words!r} in {lines}"
        self.said += [line for line in lines if re.search(words, line)][:1]
        self.hits += 1

    def state(self) -> tuple[object, ...]:
        """Return what a failure must leave alone: raw tables, where they open, and the release."""
        return self.state_in(self.data)

    def state_in(self, home: Path) -> tuple[object, ...]:
        """Return the same of a home that lies elsewhere."""
        link = home / "published"
        release = (link.readlink(), self.whole_release(home)) if link.exists() else None
        return raw(home / "warehouse.duckdb"), release

    def half_loaded(self, home: Path) -> list[str]:
        """Return which raw tables are neither the evening's nor the undisturbed night's."""
        evening = raw(self.ground.before.folder / "data" / "warehouse.duckdb")
        now = raw(home / "warehouse.duckdb").items()
        return [name for name, rows in now if rows not in (evening[name], self.ground.raw[name])]

    def whole_release(self, home: Path | None = None) -> object:
        """Return the published tables' checksums; DuckDB and Parquet must say the same."""
        found = digest(((home or self.data) / "published").resolve(strict=True))
        for name, rows, total, parquet_rows, parquet_total in found:
            assert (rows, total) == (parquet_rows, parquet_total), f"{name}: a mixture"
        return found

    def evening(self) -> None:
        """Put the home back to what it was on the evening before DAY."""
        shutil.rmtree(self.data)
        shutil.copytree(self.ground.before.folder / "data", self.data, symlinks=True)

    def unlike_raw(self) -> list[str]:
        """Return which raw tables differ from those of the undisturbed night."""
        return _differences("raw ", raw(self.data / "warehouse.duckdb"), self.ground.raw)

    def compare(self) -> list[str]:
        """Run normally; return where raw tables, facts or KPIs differ from the quiet night's."""
        done = self.night()
        if done.returncode:
            return [f"the normal run ended with {done.returncode}: {done.stderr.strip()[-300:]}"]
        problems = self.unlike_raw()
        if self.ground.whole:
            found = tables(self.data / "published")
            problems += _differences("", found, self.ground.tables)
            problems += [f"left: {p.name}" for p in (self.data / "releases").glob(".*")]
        return problems


def _differences(
    kind: str, found: Mapping[str, object], expected: Mapping[str, object]
) -> list[str]:
    names = sorted({*found, *expected})
    return [f"{kind}{name} differs" for name in names if found.get(name) != expected.get(name)]


def parts(company: Company) -> Sequence[Path]:
    """Return the landed parts, in order."""
    return sorted((company.folder / "data" / "landing").glob("*/*/window=*/*/part-*"))
