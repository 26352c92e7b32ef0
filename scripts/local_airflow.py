"""Airflow on this machine without a server of its own: SQLite metadata and logs under `home`.

`night` runs the nightly DAG once and ends; `up` serves UI and schedule on 127.0.0.1 until Ctrl-C.
A team server uses docker-compose.yml instead.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from extractors import show
from extractors.core.errors import ExtractError
from extractors.run import business_day, project

ROOT = Path(__file__).parents[1]
DAG_ID = "beyond_likes_nightly"
COMPONENTS = {
    "api-server": (),
    "dag-processor": (),
    # Their log servers listen on all interfaces; LocalExecutor reads the files itself.
    "scheduler": ("--skip-serve-logs",),
    "triggerer": ("--skip-serve-logs",),
}
GRACE_SECONDS = 30
RESTARTS = 5
PR_SET_CHILD_SUBREAPER = 36


def settings(config: Path, port: int) -> dict[str, str]:
    """Return the environment that keeps Airflow of this config under its `home`, on 127.0.0.1."""
    home = project(config).config.home
    airflow = home / "airflow"
    airflow.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / "secrets").mkdir(exist_ok=True, mode=0o700)
    return {
        "BEYOND_LIKES_CONFIG": str(config.absolute()),
        "BEYOND_LIKES_HOME": str(home),
        "AIRFLOW_HOME": str(airflow),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "secrets" / "airflow.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow}/airflow.db?timeout=60",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(airflow / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def night(config: Path, day: str) -> bool:
    """Run the nightly DAG for one business day in this process; True when the run is green."""
    os.environ.update(settings(config, 8080), AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING")
    log = Path(os.environ["AIRFLOW_HOME"]) / "night.log"
    with Said(log) as say:
        say(f"Airflow: metadata and logs in {log.parent}")
        _prepare()
        run = _nightly(say).test(run_conf={"day": day})
        green = str(run.state) == "success"
        failed = [str(t.task_id) for t in run.get_task_instances() if str(t.state) == "failed"]
    if not green:
        show.problem(f"{DAG_ID}: failed in {', '.join(failed)}. Read {log}.")
    published = project(config).config.home / "published"
    if published.exists():
        show.scorecard(published)
        show.line(f"published: {published}")
        show.line(f"review page: {published}/kpi_review.html")
    return green


def _prepare() -> None:
    """Make or renew the metadata and the pool of one writer."""
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    initdb()
    Pool.create_or_update_pool("duckdb", 1, "one writer at a time", include_deferred=False)


def _nightly(say: Said) -> Any:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.listeners import hookimpl
    from airflow.sdk.listener import get_listener_manager

    class Progress:
        @hookimpl
        def on_task_instance_running(self, task_instance: Any) -> None:
            if task_instance.task_id == "dbt_build":  # the one that keeps people waiting
                say("  dbt_build: making and testing the marts")

        @hookimpl
        def on_task_instance_success(self, task_instance: Any) -> None:
            say(f"  {task_instance.task_id}: done")

        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: Any) -> None:
            say(f"  {task_instance.task_id}: failed. {error}")

    manager: Any = get_listener_manager()
    manager.add_listener(Progress())
    bag = DagBag(str(ROOT / "dags" / "nightly.py"))
    for error in bag.import_errors.values():
        raise SystemExit(error)
    dag = bag.dags[DAG_ID]
    dag.deadline = (
        None  # no scheduler watches it here, and dag.test (3.3.2) fails at its end on one
    )
    return dag


class Said:
    """Keeps Airflow's own lines in a file and ours on the screen."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def __enter__(self) -> Said:
        """Send both streams of this process, and of what it starts, to the file."""
        self._kept = [os.dup(1), os.dup(2)]
        with self._log.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        return self

    def __call__(self, text: str) -> None:
        """Print one line where the caller looks."""
        os.write(self._kept[0], f"{text}\n".encode())

    def __exit__(self, *_: object) -> None:
        """Give the streams back."""
        sys.stdout.flush()
        sys.stderr.flush()
        for target, kept in enumerate(self._kept, start=1):
            os.dup2(kept, target)
            os.close(kept)


def up(config: Path, port: int) -> None:
    """Serve Airflow until Ctrl-C or until one component ends; then none is left."""
    env = {**os.environ, **settings(config, port)}
    airflow = str(Path(sys.executable).with_name("airflow"))
    home = Path(env["AIRFLOW_HOME"])
    show.line(f"Airflow: preparing its metadata in {home}")
    setup = home / "setup.log"
    with setup.open("ab") as log:
        for command in (["db", "migrate"], ["pools", "set", "duckdb", "1", "one writer at a time"]):
            if subprocess.run([airflow, *command], env=env, stdout=log, stderr=log).returncode:
                raise SystemExit(f"airflow {command[0]}: failed. Read {setup}.")
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _interrupt)
    _take_over()
    started: dict[str, subprocess.Popen[bytes]] = {}
    show.line(f"Airflow: http://127.0.0.1:{port} in about 20 seconds; Ctrl-C stops it")
    show.line(f"user admin, password in {env[PASSWORDS]}; logs in {home}")
    try:
        for name in COMPONENTS:
            started[name] = _start(airflow, name, env)
            if name == "api-server":  # a task that finds it silent fails and waits for its retry
                _until_it_answers(started[name], port)
        _wait(started, lambda name: _start(airflow, name, env), home)
    except KeyboardInterrupt:
        show.line("stopping")
    finally:
        _stop(started)


PASSWORDS = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"


def _start(airflow: str, name: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one component in a group of its own: Ctrl-C reaches the supervisor, which stops all."""
    with (Path(env["AIRFLOW_HOME"]) / f"{name}.log").open("ab") as log:
        command = [airflow, name, *COMPONENTS[name]]
        return subprocess.Popen(command, env=env, stdout=log, stderr=log, process_group=0)


def _until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the port is open, or the process has ended (then it is started again)."""
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)


def _wait(
    started: dict[str, subprocess.Popen[bytes]],
    start: Callable[[str], subprocess.Popen[bytes]],
    home: Path,
) -> NoReturn:
    """Start a component again that ended (SQLite was busy, for example), RESTARTS times in all."""
    left = RESTARTS
    while True:
        for name, process in started.items():
            if (code := process.poll()) is None:
                continue
            if not left:
                raise SystemExit(f"{name}: ended with {code}. Read {home / name}.log.")
            left -= 1
            show.line(f"{name}: ended with {code}, starting it again (see {home / name}.log)")
            started[name] = start(name)
        for child in _left_behind(started):
            _reap(child, os.WNOHANG)
        time.sleep(1)


def _take_over() -> None:
    """Let Linux make what a killed component leaves behind our child, so that `_stop` ends it."""
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").prctl(PR_SET_CHILD_SUBREAPER, 1)


def _stop(started: dict[str, subprocess.Popen[bytes]]) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for process in started.values():
            if process.poll() is None:
                os.killpg(process.pid, sent)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(p.poll() is None for p in started.values()):
            time.sleep(0.2)
    while left := _left_behind(started):
        for child in left:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            _reap(child, 0)


def _left_behind(started: dict[str, subprocess.Popen[bytes]]) -> list[int]:
    """Return our children that are no component; none where the system does not tell."""
    told = Path(f"/proc/self/task/{os.getpid()}/children")
    own = {process.pid for process in started.values()}
    children = map(int, told.read_text().split()) if told.exists() else ()
    return [child for child in children if child not in own]


def _reap(child: int, options: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(child, options)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="local_airflow", description=__doc__)
    parser.add_argument("command", choices=["night", "up"])
    parser.add_argument("--config", type=Path, default=ROOT / "sources.yml")
    parser.add_argument("--date", help="night: the business day (default: yesterday)")
    parser.add_argument("--port", type=int, default=8080, help="up: where the UI answers")
    chosen = parser.parse_args()
    try:
        if chosen.command == "up":
            up(chosen.config, chosen.port)
        elif not night(chosen.config, str(business_day(chosen.config, chosen.date))):
            sys.exit(1)
    except ExtractError as error:
        show.problem(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
