"""`python -m tests.celery_workers`: a night on two Celery workers, one killed while it extracts.

Two hosts share nothing but landing and the key of the pseudonyms. The simulated company stops
answering after a number of calls that the seed chooses; once the second worker hangs in an
extraction, it is killed -9 with all its tasks and does not come back. The night must end green on
the first, with the raw tables and the publication of an undisturbed night.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.faults import Faults
from sandbox.serve import running
from sandbox.servers.wire import Platform, Reply, Request
from tests import celery_cluster
from tests.celery_cluster import QUEUES, Cluster, Worker
from tests.company import KEY
from tests.crash import undisturbed
from tests.ground import DAYS, SCALE, SOURCES
from tests.readers import raw, tables
from tests.scheduler import PATIENCE_SECONDS, due


class Gate(Faults):
    """Lets some calls through and holds the next ones until it is opened."""

    def __init__(self, calls: int) -> None:
        super().__init__([], seed=0)
        self._left, self.opened = calls, threading.Event()

    def apply(self, name: str, platform: Platform, request: Request) -> Reply:
        self._left -= 1
        if self._left < 0:
            self.opened.wait(PATIENCE_SECONDS)
        return super().apply(name, platform, request)


def wait(what: str, cluster: Cluster, for_it: Callable[[], bool]) -> None:
    """Wait. Raises: TimeoutError, or RuntimeError where a component has ended."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not for_it():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: {cluster.night()} {cluster.states()}")
        cluster.check()
        time.sleep(0.2)


def landing_now(worker: Worker, cluster: Cluster, landing: Path) -> list[str]:
    """Return the extractions that a worker is at: begun in landing, without a manifest."""
    states = cluster.states()
    return [
        task
        for task in sorted(worker.attempts())
        if states.get(task) == "running"
        and any(
            not (attempt / "manifest.json").exists()
            for attempt in landing.glob(f"{task.replace('.', '/')}/window=*/attempt=*")
        )
    ]


def disturbed(cluster: Cluster, gate: Gate, landing: Path) -> list[str]:
    """Kill the second worker while it extracts, let the night end and return what is wrong."""
    first, second = cluster.workers["first"], cluster.workers["second"]
    at_work = partial(landing_now, second, cluster, landing)
    wait("an extraction on the second worker", cluster, lambda: bool(at_work()))
    hit, count, began = at_work(), second.kill(), time.monotonic()
    gate.opened.set()
    print(f"second worker killed -9, {count} processes, while it landed {hit}", flush=True)
    wait("the night's end", cluster, lambda: cluster.night() in ("success", "failed"))
    states, queues, seen = cluster.states(), cluster.queues(), second.attempts()
    again = {task: number for task, number in first.attempts().items() if number > 1}
    print(f"the night is {cluster.night()} after {time.monotonic() - began:.0f} s; again: {again}")
    print(f"the second worker had taken {len(seen)} of {len(states)} tasks: {sorted(seen)}")
    return [
        *(f"{task}: {state}" for task, state in states.items() if state != "success"),
        *(f"{task}: not tried again" for task in hit if task not in again),
        *(f"{task}: not on the first host" for task in seen if queues[task] == "duckdb"),
        *(f"second host: has a {file.name}" for file in second.home.glob("*.duckdb")),
    ]


def differences(found: Path, expected: Path) -> list[str]:
    """Return the raw and the published tables of two homes that are not equal."""
    wrong = []
    for read, at, what in ((raw, "warehouse.duckdb", "raw"), (tables, "published", "published")):
        ours, theirs = read(found / at), read(expected / at)
        differ = [name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)]
        print(f"{len(theirs)} {what} tables: {len(differ)} differ from an undisturbed night's")
        wrong += [f"{what} {name}: differs" for name in sorted(differ)]
    return wrong


def main() -> int:
    """Print what was killed and how the night ended; exit 1 where anything differs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="tests.celery_workers", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed, day = parser.parse_args().seed, due()
    celery_cluster.needed()
    with (
        tempfile.TemporaryDirectory(prefix="beyond-likes-celery-") as folder,
        running(Path(folder, "company"), last_day=day, seed=seed, days=DAYS, scale=SCALE,
                sources=SOURCES) as sandbox,
    ):  # fmt: skip
        company, landing, quiet = (Path(folder, n) for n in ("company", "landing", "quiet"))
        homes = {name: Path(folder, name) for name in QUEUES}
        os.environ.update(BEYOND_LIKES_HMAC_KEY=KEY, BEYOND_LIKES_HOME=str(homes["first"]))
        alone, config = company / "sources.yml", company / "shared.yml"
        config.write_text(f"{alone.read_text()}\nlanding: {landing}\n")
        done = undisturbed(alone, quiet, day)
        if done.returncode:
            raise SystemExit(done.stdout)
        calls = sandbox.requests["greenhouse"]
        passed = random.Random(seed).randrange(2 * calls // 3)
        print(f"seed {seed}: the company answers {passed} calls, {calls} make a night", flush=True)
        sandbox.faults = gate = Gate(passed)
        with celery_cluster.running(config, homes) as cluster:
            wrong = disturbed(cluster, gate, landing)
        wrong += differences(homes["first"], quiet)
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
