"""A real Spark on 127.0.0.1: a standalone master, two workers, the Thrift server that dbt asks."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORKERS = 2
STARTS_WITHIN = 600  # seconds, for each process
DRIVER_MEMORY = "6g"

# Parquet's timestamps without a zone are UTC moments, as in DuckDB's session.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.executor.memory": "2g",
}


@dataclass(frozen=True)
class Cluster:
    """Where the Thrift server listens, and the folder in which Spark keeps its tables."""

    port: int
    warehouse: Path


def programs() -> Path:
    """Return the folder of the environment that holds pyspark and dbt-spark."""
    return Path(os.environ.get("BEYOND_LIKES_SPARK_ENV", ROOT / ".venv-spark")) / "bin"


@contextmanager
def running(home: Path) -> Iterator[Cluster]:
    """Start Spark with all its files in `home`; at the end stop what was started, by its id.

    Raises RuntimeError where a process ends or does not listen in time.
    """
    home.mkdir(parents=True, exist_ok=True)
    spark = next(programs().parent.glob("lib/python3*/site-packages/pyspark"))
    cluster = Cluster(_free_port(), home / "warehouse")
    master, started = _free_port(), list[subprocess.Popen[bytes]]()

    def start(name: str, port: int, command: Sequence[str], memory: str = "512m") -> None:
        program = str(spark / "bin" / command[0])
        with (home / f"{name}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [program, *command[1:]], cwd=home, env=_environment(home, spark, memory),
                    stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                )
            )  # fmt: skip
        _listens(started[-1], port, home / f"{name}.log")

    try:
        deploy = ["spark-class", "org.apache.spark.deploy"]
        start("master", master, [
            deploy[0], f"{deploy[1]}.master.Master", "--host", "127.0.0.1", "--port", str(master),
            "--webui-port", str(_free_port()),
        ])  # fmt: skip
        address = f"spark://127.0.0.1:{master}"
        for number in range(WORKERS):
            port = _free_port()
            start(f"worker{number}", port, [
                deploy[0], f"{deploy[1]}.worker.Worker", "--host", "127.0.0.1", "--port", str(port),
                "--webui-port", str(_free_port()), "--cores", "1", "--memory", "3g",
                "--work-dir", str(home / f"work{number}"), address,
            ])  # fmt: skip
        settings = {**SETTINGS, "spark.sql.warehouse.dir": str(cluster.warehouse)}
        start("thrift", cluster.port, [
            "spark-submit", "--master", address,
            "--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
            *(part for key, value in settings.items() for part in ("--conf", f"{key}={value}")),
            "spark-internal", "--hiveconf", f"hive.server2.thrift.port={cluster.port}",
            "--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1",
        ], DRIVER_MEMORY)  # fmt: skip
        yield cluster
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _environment(home: Path, spark: Path, memory: str) -> dict[str, str]:
    """Return the variables of a process; of the Thrift server, SPARK_DAEMON_MEMORY alone counts."""
    options = f"-Dderby.system.home={home} -Djava.io.tmpdir={home}"
    return {
        **os.environ,
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(home / "local"),
        "SPARK_DAEMON_MEMORY": memory,
        "SPARK_SUBMIT_OPTS": options,
        "PYSPARK_PYTHON": str(programs() / "python"),
    }


def _listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    raise RuntimeError(f"spark: {log.stem} does not listen on {port}. See {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
