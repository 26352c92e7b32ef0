"""Airflow with CeleryExecutor in processes of this machine: PostgreSQL, Redis, two workers.

Each worker is a host of its own as far as processes go: it has a `home`, logs and a session of its
own, and knows the broker and the API server, neither the database nor a secret of Airflow's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.local_airflow import settings
from tests import postgres
from tests.crash import ROOT, SESSION, members
from tests.scheduler import DAG, TIMES

AIRFLOW = ROOT / ".venv-celery" / "bin" / "airflow"
START_SECONDS = 600
QUEUES = {"first": "default,duckdb", "second": "default"}  # the first host has the warehouse
OF_AIRFLOW = ("AIRFLOW__DATABASE__", "AIRFLOW__CORE__SIMPLE_AUTH", "AIRFLOW__API__")


@dataclass(frozen=True)
class Worker:
    """One host's worker."""

    name: str
    home: Path
    process: subprocess.Popen[bytes]

    def attempts(self) -> dict[str, int]:
        """Return the tasks of the night that came to this host, and the last attempt of each."""
        logs = (self.home / "airflow" / "logs").glob(f"dag_id={DAG}/run_id=*/task_id=*/attempt=*")
        found: dict[str, int] = {}
        for log in logs:
            task, attempt = (part.partition("=")[2] for part in (log.parent.name, log.stem))
            found[task] = max(found.get(task, 0), int(attempt))
        return found

    def kill(self) -> int:
        """Kill -9 the worker and all that it started, as a host that dies; return how many."""
        return killed(self.process)


@dataclass(frozen=True)
class Cluster:
    """Two workers and the database that says what their tasks do."""

    database: postgres.Server
    workers: Mapping[str, Worker]
    others: Mapping[str, subprocess.Popen[bytes]]

    def states(self) -> dict[str, str]:
        """Return the state of each task of the night."""
        sql = f"select task_id, state from task_instance where dag_id = '{DAG}'"
        return {task: str(state) for task, state in self.database.rows(sql)}

    def queues(self) -> dict[str, str]:
        """Return the queue that each task was sent to."""
        sql = f"select task_id, queue from task_instance where dag_id = '{DAG}'"
        return {task: str(queue) for task, queue in self.database.rows(sql)}

    def night(self) -> str:
        """Return the state of the night; empty before it begins."""
        rows = self.database.rows(f"select state from dag_run where dag_id = '{DAG}'")
        return str(rows[0][0]) if rows else ""

    def check(self) -> None:
        """Raises: RuntimeError with the end of its log where a component has ended."""
        for name, process in self.others.items():
            if (code := process.poll()) is not None:
                log = self.workers["first"].home / "airflow" / f"{name}.log"
                raise RuntimeError(f"{name}: ended with {code}. {log.read_text()[-3000:]}")


def needed() -> None:
    """Raises: SystemExit that says what is not installed."""
    there = {
        "`make celery`": AIRFLOW.exists(),
        "apt-get install postgresql": postgres.programs(),
        "apt-get install redis-server": shutil.which("redis-server"),
    }
    if lacking := [how for how, found in there.items() if not found]:
        raise SystemExit(f"celery_workers: not all is set up. Run {', '.join(lacking)}.")


def killed(process: subprocess.Popen[bytes]) -> int:
    """Kill -9 a session, tasks with a group of their own included; return how many there were."""
    hit: set[int] = set()
    while found := members(process.pid, SESSION):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        hit.update(found)
        process.poll()
        time.sleep(0.05)
    process.wait()
    return len(hit)


@contextmanager
def running(config: Path, homes: Mapping[str, Path]) -> Iterator[Cluster]:
    """Start everything on free ports of 127.0.0.1; nothing is left at the end.

    Shape: `homes` has a folder for each of QUEUES. Raises: RuntimeError where one does not start.
    """
    with ExitStack() as stack:
        database = stack.enter_context(postgres.running())
        url = database.url().replace("postgresql://", "postgresql+psycopg2://")
        env = _environment(config, url, stack.enter_context(_redis()))
        port = int(env["AIRFLOW__API__PORT"])
        for command in (["db", "migrate"], ["pools", "set", "duckdb", "1", "one writer at a time"]):
            _start(stack, env, *command).wait(START_SECONDS)
        others = {"api-server": _start(stack, env, "api-server")}
        _until_it_answers(others["api-server"], port)
        workers = {name: _worker(stack, env, name, home) for name, home in homes.items()}
        for component in ("scheduler", "dag-processor"):
            skip = ["--skip-serve-logs"] if component == "scheduler" else []
            others[component] = _start(stack, env, component, *skip)
        yield Cluster(database, workers, others)


@contextmanager
def _redis() -> Iterator[str]:
    """Run a broker that keeps nothing; yield its address."""
    port, password = postgres.free_port(), secrets.token_hex(8)
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    server = subprocess.Popen([*command, "--requirepass", password], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://:{password}@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _environment(config: Path, database: str, broker: str) -> dict[str, str]:
    """Return what scheduler, API server and DAG processor are given."""
    return {
        **os.environ,
        **settings(config, postgres.free_port()),
        **TIMES,
        "PYTHONPATH": str(ROOT),
        "AIRFLOW__CELERY__BROKER_URL": f"{broker}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"{broker}/1",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": "8",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
    }


def _worker(stack: ExitStack, env: Mapping[str, str], name: str, home: Path) -> Worker:
    own = {key: value for key, value in env.items() if not key.startswith(OF_AIRFLOW)}
    own |= {
        "BEYOND_LIKES_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "airflow" / "logs"),
    }
    Path(own["AIRFLOW_HOME"]).mkdir(parents=True, exist_ok=True)
    options = ["--queues", QUEUES[name], "--celery-hostname", name, "--concurrency", "2"]
    process = _start(stack, own, "celery", "worker", "--skip-serve-logs", *options)
    return Worker(name, home, process)


def _start(stack: ExitStack, env: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    """Start a component in a session of its own, which is killed at the end."""
    with (Path(env["AIRFLOW_HOME"]) / f"{command[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(AIRFLOW), *command], env=env, cwd=ROOT, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    stack.callback(killed, process)
    return process


def _until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError("api-server: does not answer. Read its log.")
