"""A night killed at chosen moments, run again, and compared with one that nobody killed.

Every trial starts from the same home, as the night before left it. Afterwards every published fact
and KPI must equal the quiet night's, and readers that polled all the while may have seen the old
release or the new one, whole. Long form: tests/prove.py, short form: tests/test_crash.py.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from extractors.run import source_labels
from sandbox.company.systems import STACK
from sandbox.serve import running
from tests import warm
from tests.company import parsed
from tests.readers import Readers, digest, tables

COMMAND = Path(sys.executable).with_name("beyond-likes")
PHASES = ("extract", "load", "build", "publish")
DAY = date(2026, 3, 31)
ROOT = Path(__file__).parents[1]
GROUP, SESSION = 2, 3  # where /proc/PID/stat has them, behind the name
WARM = "from tests import warm; warm.act_as('beyond-likes')"


@dataclass
class Run:
    """One `beyond-likes run` and the phase it is in, told from its lines and its dbt child."""

    process: subprocess.Popen[str]
    labels: int
    lines: list[str] = field(default_factory=list)
    entered: dict[str, float] = field(default_factory=dict)
    _reader: threading.Thread | None = None

    @classmethod
    def start(cls, config: Path, home: Path, labels: int) -> Run:
        """Start the night of DAY in a process group of its own; in pytest with a warm dbt."""
        begin = [sys.executable, "-c", WARM] if warm.SHARED in os.environ else [str(COMMAND)]
        process = subprocess.Popen(
            [*begin, "run", "--config", str(config), "--date", str(DAY)],
            cwd=ROOT,
            env={**os.environ, "BEYOND_LIKES_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        run = cls(process, labels)
        run._reader = threading.Thread(target=run._read, daemon=True)
        run._reader.start()
        return run

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(self.process.stdout)

    @contextmanager
    def followed(self) -> Iterator[Run]:
        """Leave no process behind, whatever stops the proof."""
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Kill what is left of the group and wait for it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def phase(self) -> str:
        """Return where the run is: start, one of PHASES, or end."""
        if self.process.poll() is not None:
            return "end"
        found = self._phase()
        self.entered.setdefault(found, time.monotonic())
        return found

    def _phase(self) -> str:
        lines = list(self.lines)
        if any(line.startswith("published:") for line in lines):
            return "end"
        if any(line.startswith("building") for line in lines):
            if has_dbt(self.process.pid):
                self.entered.setdefault("build", time.monotonic())
                return "build"
            return "publish" if "build" in self.entered else "load"
        landed = sum(line.startswith("  ") for line in lines)
        if landed >= self.labels:
            return "load"
        return "extract" if any("extracting" in line for line in lines) else "start"

    def wait(self) -> int:
        """Follow the run to its end and return its exit code."""
        while self.phase() != "end":
            time.sleep(0.005)
        self.entered.setdefault("end", time.monotonic())
        code = self.process.wait()
        if self._reader:
            self._reader.join()
        return code

    def durations(self) -> dict[str, float]:
        """Return the seconds of each phase that was seen."""
        moments = [*sorted(self.entered.items(), key=lambda item: item[1])]
        return {name: later - at for (name, at), (_, later) in itertools.pairwise(moments)}

    def kill(self, phase: str, after: float, *, group: bool) -> str:
        """Kill -9, `after` seconds into `phase`, the process or its group; return where it hit."""
        while self.phase() not in (phase, "end"):
            time.sleep(0.002)
        deadline = time.monotonic() + after
        while time.monotonic() < deadline and self.phase() == phase:
            time.sleep(0.002)
        hit = self.phase()
        try:
            (os.killpg if group else os.kill)(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            hit = "end"
        self.process.wait()
        while members(self.process.pid):  # dbt outlives its parent by the time it takes to stop
            time.sleep(0.02)
        return hit


def undisturbed(config: Path, home: Path, day: date) -> subprocess.CompletedProcess[str]:
    """Run a night that nobody kills; in pytest the warm process forks it."""
    command = [str(COMMAND), "run", "--config", str(config), "--date", str(day)]
    env = {**os.environ, "BEYOND_LIKES_HOME": str(home)}
    if warm.SHARED in os.environ:
        return warm.run(command, cwd=home.parent, env=env)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def has_dbt(pid: int) -> bool:
    """Tell whether the process has a child (dbt is its only one)."""
    try:
        return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return False


def members(leader: int, kind: int = GROUP) -> list[int]:
    """Return the living processes of a group or a session."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and int(after_name[kind]) == leader and after_name[0] != "Z":
            found.append(int(entry.name))
    return found


@dataclass(frozen=True)
class Trial:
    """One kill: where it was meant to hit and did, and what came of it."""

    number: int
    meant: str
    hit: str
    group: bool
    polls: int
    releases_seen: int
    problems: list[str]


class Proof:
    """A company, its home after the night before DAY, and what a quiet night of DAY publishes."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        days: int,
        scale: float,
        sources: Sequence[str] = STACK,
        pause: float = 0.2,
        seconds: Mapping[str, float] | None = None,
    ) -> None:
        self.folder, self.seed, self.days, self.scale = folder, seed, days, scale
        self.sources, self.pause = sources, pause
        self.seconds = seconds
        self.config = folder / "company" / "sources.yml"
        self.before, self.quiet = folder / "before", folder / "quiet"

    @contextmanager
    def open(self) -> Iterator[Proof]:
        """Serve the company while the block runs; make the night before and the quiet night."""
        options: dict[str, Any] = {"seed": self.seed, "days": self.days, "scale": self.scale}
        options["sources"] = self.sources
        with running(self.folder / "company", last_day=DAY, **options) as sandbox:
            for home in (self.before, self.quiet):
                shutil.rmtree(home, ignore_errors=True)
            sandbox.set_day(DAY - timedelta(days=1))
            with parsed(self.before / "dbt" / "target"):
                done = undisturbed(self.config, self.before, DAY - timedelta(days=1))
            if done.returncode:
                raise SystemExit(done.stdout)
            sandbox.set_day(DAY)
            self._quiet_night()
            yield self

    def _quiet_night(self) -> None:
        """Run DAY undisturbed; where nobody has said how long its phases take, time them."""
        self.labels = sum(len(own) for own in source_labels(self.config).values())
        self._copy(self.quiet)
        if self.seconds is None:
            self.seconds = self._timed()
        else:
            done = undisturbed(self.config, self.quiet, DAY)
            if done.returncode:
                raise SystemExit(done.stdout)
        self.expected = tables(self.quiet / "published")
        self.known = {digest((h / "published").resolve()) for h in (self.before, self.quiet)}

    def _timed(self) -> dict[str, float]:
        """Run DAY with readers polling as in a trial and return the seconds of each phase."""
        run = Run.start(self.config, self.quiet, self.labels)
        with run.followed(), Readers(self.quiet, set(), self.pause).polling():
            code = run.wait()
        if code:
            raise SystemExit("".join(run.lines))
        return run.durations()

    def _copy(self, home: Path) -> None:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.before, home, symlinks=True)

    def compare(self, home: Path) -> list[str]:
        """Return the tables whose published rows differ from the quiet night's."""
        found = tables(home / "published")
        return [
            f"{name}: {len(found.get(name, []))} rows, expected {len(self.expected.get(name, []))}"
            for name in sorted({*found, *self.expected})
            if found.get(name) != self.expected.get(name)
        ]

    def trial(self, number: int, phases: tuple[str, ...]) -> Trial:
        """Kill the night once in each of `phases`, one after the other, then run it to its end."""
        assert self.seconds
        rng = random.Random(f"{self.seed}:{number}")
        home = self.folder / "trial"
        self._copy(home)
        readers = Readers(home, self.known, self.pause)
        group = rng.random() < 0.5
        with readers.polling():
            hits = []
            for phase in phases:
                after = rng.random() * self.seconds[phase]
                with Run.start(self.config, home, self.labels).followed() as killed:
                    hits.append(killed.kill(phase, after, group=group))
            mended = undisturbed(self.config, home, DAY)
        problems = sorted(set(readers.wrong)) + self.compare(home)
        if mended.returncode:
            end = f"{mended.returncode}: {mended.stdout[-300:]}"
            problems.append(f"the run after the kill ended with {end}")
        if leftovers := [p.name for p in (home / "releases").glob(".*")]:
            problems.append(f"left behind: {leftovers}")
        seen = len(readers.seen)
        return Trial(number, "+".join(phases), "+".join(hits), group, readers.polls, seen, problems)
