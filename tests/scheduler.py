"""`python -m tests.scheduler`: Airflow's scheduler killed in the middle of a night, started again.

`make up` serves a simulated company, whose night begins by itself. The scheduler is killed -9 while
sources are read (with all its tasks) and while dbt builds (alone: what it had started works on).
The run must come to its green end and have published what an undisturbed night does, and Ctrl-C
must leave no process behind.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.company.base import TIMEZONE
from sandbox.serve import running
from tests.company import KEY
from tests.crash import undisturbed
from tests.ground import DAYS, SCALE, SOURCES
from tests.prove import ROOT
from tests.readers import tables

DAG, PORT = "beyond_likes_nightly", "8793"
PATIENCE_SECONDS = 3600
# A dead task is missed after a minute, not five; its retry waits for five all the same. On a busy
# machine a task waits for Airflow's own server for longer than it does by default.
TIMES = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
}


def due() -> date:
    """Return the day of the last night that the schedule has begun: at three in the morning."""
    return (datetime.now(ZoneInfo(TIMEZONE)) - timedelta(hours=3)).date() - timedelta(days=1)


@contextmanager
def served(config: Path, home: Path) -> Iterator[int]:
    """Serve Airflow as `make up` does while the block runs; yield the process that serves."""
    script = str(ROOT / "scripts" / "local_airflow.py")
    command = [sys.executable, script, "up", "--config", str(config), "--port", PORT]
    env = {**os.environ, **TIMES, "BEYOND_LIKES_HOME": str(home)}
    up = subprocess.Popen(command, env=env, cwd=ROOT)
    try:
        yield up.pid
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(120)


class Watched:
    """What Airflow's metadata says of the night, and its scheduler."""

    def __init__(self, home: Path, up: int) -> None:
        self._metadata = f"file:{home / 'airflow' / 'airflow.db'}?mode=ro"
        self._up = up
        self.killed: set[int] = set()

    def ask(self, sql: str) -> dict[str, str]:
        """Return pairs; none while the metadata is being made."""
        try:
            with sqlite3.connect(self._metadata, uri=True, timeout=30) as db:
                return dict(db.execute(sql, [DAG]).fetchall())
        except sqlite3.OperationalError:
            return {}

    def tasks(self) -> dict[str, str]:
        """Return the state of each task."""
        return self.ask("select task_id, state from task_instance where dag_id = ?")

    def run(self) -> str:
        """Return the state of the night."""
        return self.ask("select dag_id, state from dag_run where dag_id = ?").get(DAG, "")

    def works_at(self, task: str) -> bool:
        """Tell whether a task is running."""
        return self.tasks().get(task) == "running"

    def wait(self, what: str, for_it: Callable[[], bool]) -> None:
        """Wait. Raises: TimeoutError."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not for_it():
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: {self.run()} {self.tasks()}")
            time.sleep(0.1)

    def kill(self, *, group: bool) -> None:
        """Kill the scheduler -9, with its tasks or alone."""
        children = Path(f"/proc/{self._up}/task/{self._up}/children").read_text().split()
        for pid in map(int, children):
            if b"scheduler" in Path(f"/proc/{pid}/cmdline").read_bytes():
                (os.killpg if group else os.kill)(pid, signal.SIGKILL)
                self.killed.add(pid)
                return
        raise AssertionError("no scheduler is there to be killed")


def left_of(groups: set[int]) -> list[int]:
    """Return the processes of some groups; Airflow's workers overwrite their other marks."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(process.name)) in groups:
                found.append(int(process.name))
    return found


def main() -> int:
    """Print what was killed and how the night ended; exit 1 where anything differs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["BEYOND_LIKES_HMAC_KEY"] = KEY
    day = due()
    with (
        tempfile.TemporaryDirectory(prefix="beyond-likes-scheduler-") as folder,
        running(Path(folder, "company"), last_day=day, seed=3, days=DAYS, scale=SCALE,
                sources=SOURCES),
    ):  # fmt: skip
        config, home, quiet = (Path(folder, n) for n in ("company/sources.yml", "home", "quiet"))
        done = undisturbed(config, quiet, day)
        if done.returncode:
            raise SystemExit(done.stdout)
        with served(config, home) as up:
            night = Watched(home, up)
            for task, group in (("greenhouse.applications", True), ("dbt_build", False)):
                night.wait(task, partial(night.works_at, task))
                print(f"scheduler killed while {task} was running", flush=True)
                night.kill(group=group)
                time.sleep(5)  # `up` starts it again
            night.wait("the night's end", lambda: night.run() in ("success", "failed"))
            state, tasks = night.run(), night.tasks()
        left = left_of(night.killed)
        found, expected = (tables(one / "published") for one in (home, quiet))
    wrong = [name for name in {*found, *expected} if found.get(name) != expected.get(name)]
    red = [name for name, one in tasks.items() if one != "success"]
    print(f"the night is {state}, not green: {red}; {len(expected)} tables, {len(wrong)} differ")
    print(f"processes left behind: {left or 'none'}")
    return 1 if wrong or left or state != "success" else 0


if __name__ == "__main__":
    sys.exit(main())
