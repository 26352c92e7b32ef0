"""A small company on the evening before DAY, and what an undisturbed night of DAY makes of it.

Every trial (tests/trials.py) gets a copy, disturbs it, and is held against the undisturbed one.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from sandbox.serve import Sandbox, running
from tests.company import Company, parsed
from tests.readers import digest, raw, tables

DAY = date(2026, 3, 31)
SENTENCE = re.compile(r"^\S.*: .+\. .+\.$")
SOURCES = ("greenhouse",)  # the rest of the company's systems come as files
DAYS, SCALE = 45, 0.05
GONE_NIGHTS = 5


@dataclass
class Ground:
    """The company's folders: `before` has all nights but the last, `quiet` has that one, too.

    The short form builds once and compares raw tables; the whole one runs nights to their end and
    compares every published fact and KPI.
    """

    folder: Path
    sandbox: Sandbox
    whole: bool
    before: Company = field(init=False)
    quiet: Company = field(init=False)

    @classmethod
    @contextmanager
    def open(cls, folder: Path, *, seed: int = 3, whole: bool = False) -> Iterator[Ground]:
        """Serve the company while the block runs; live through the two nights."""
        out = folder / "company"
        with running(
            out, last_day=DAY, seed=seed, days=DAYS, scale=SCALE, sources=SOURCES
        ) as sandbox:
            ground = cls(folder, sandbox, whole)
            ground._live()
            yield ground

    def _live(self) -> None:
        self.before = Company(self.folder / "company")
        self.at(DAY - timedelta(days=1), self.before.folder)
        self.night(self.before, DAY - timedelta(days=1), build=self.whole)
        self.at(DAY, self.before.folder)
        self.quiet = self.copy(self.before, "quiet")
        self.night(self.quiet, DAY, build=True)

    @cached_property
    def raw(self) -> dict[str, tuple[int, str]]:
        """Rows and checksum of every raw table after the undisturbed night."""
        return raw(self.quiet.folder / "data" / "warehouse.duckdb")

    @cached_property
    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        """Every published fact, dimension and KPI after the undisturbed night."""
        return tables(self.quiet.folder / "data" / "published")

    def at(self, day: date, folder: Path) -> None:
        """Move the company's clock; the exports of that morning go to `folder`."""
        self.sandbox.out = folder
        self.sandbox.set_day(day)

    def copy(self, company: Company, name: str) -> Company:
        """Return a copy of a company in the folder `name`."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(company.folder, folder, symlinks=True)
        return Company(folder)

    def night(self, company: Company, day: date, *, build: bool) -> None:
        """Live through a night that nobody disturbs. Raises: AssertionError with what it said."""
        steps = [("extract", "--date", str(day)), ("load",)]
        if build:
            steps = [("run", "--date", str(day))]
        for step in steps:
            with parsed(company.folder / "data" / "dbt" / "target"):
                done = company.run(*step)
            assert done.returncode == 0, f"{step[0]}: {done.stdout[-300:]} {done.stderr[-300:]}"


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

    def night(self, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the night of DAY, as far as this form goes."""
        if self.ground.whole:
            return self.run("run", "--date", str(DAY), **env)
        done = self.run("extract", "--date", str(DAY), **env)
        return done if done.returncode else self.run("load", **env)

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

    def whole_release(self, home: Path | None = None) -> object:
        """Return the published tables' checksums; DuckDB and Parquet must say the same."""
        found = digest(((home or self.data) / "published").resolve(strict=True))
        for name, rows, total, parquet_rows, parquet_total in found:
            assert (rows, total) == (parquet_rows, parquet_total), f"{name}: a mixture"
        return found

    def compare(self) -> list[str]:
        """Run normally; return where raw tables, facts or KPIs differ from the quiet night's."""
        done = self.night()
        if done.returncode:
            return [f"the normal run ended with {done.returncode}: {done.stderr.strip()[-300:]}"]
        problems = _differences("raw ", raw(self.data / "warehouse.duckdb"), self.ground.raw)
        if (self.data / "published").exists():
            if not self.ground.whole:
                self.works("publish")
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
