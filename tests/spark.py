"""The models on a real Spark must give the figures of DuckDB (docs/how-to/spark.md).

A simulated company is loaded and built by DuckDB. Spark reads the same landing, dbt builds the same
models there, and every raw and every published table is compared, numbers to a relative 1e-9.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from extractors import run
from sandbox.serve import running
from tests import spark_cluster
from tests.spark_tables import cells_apart, difference

ROOT = Path(__file__).parents[1]
LAST = date(2026, 11, 22)
COMPARED = ("raw", "marts")


def company(out: Path, days: int, scale: float) -> Path:
    """Live through two nights of a company, build it with DuckDB and return its settings."""
    config = out / "sources.yml"
    with running(out, last_day=LAST, days=days, scale=scale) as sandbox:
        for day in (LAST - timedelta(days=3), LAST):
            sandbox.set_day(day)
            flawed(out, day)
            outcomes = run.extract_all(config, run.plan(config, day))
            errors = [e for one in [*outcomes, *run.load(config)] for e in one["errors"]]
            if errors:
                raise SystemExit("\n".join(errors))
        run.build(config, LAST, ("--exclude-resource-type", "unit_test"))
    return config


def flawed(out: Path, day: date) -> None:
    """Export deals, one unreadable, the others told anew; tell the company's tables anew."""
    rows = [f"d{n},{day}T10:00:00.123456+02:00,{n}.5" for n in range(50)]
    head = "deal_id,created_at,amount\nrefused,soon,1\nodd,2026-11-01,much\n"
    drop = out / "data" / "drop"
    drop.mkdir(parents=True, exist_ok=True)
    (drop / "deals_flawed.csv").write_text(head + "\n".join(rows), encoding="utf-8")
    for file in (out / "company").glob("*.csv"):
        file.write_text(file.read_text("utf-8") + "\n", encoding="utf-8")


def dbt(home: Path, port: int, *words: str) -> int:
    """Run one dbt command against Spark; print its seconds and return its exit code."""
    command = [
        str(spark_cluster.programs() / "dbt"), "--no-use-colors", *words, "--target", "spark",
        "--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project"),
        "--target-path", str(home / "target"), "--log-path", str(home / "logs"),
    ]  # fmt: skip
    env = {**os.environ, "BEYOND_LIKES_SPARK_PORT": str(port)}
    start = time.monotonic()
    code = subprocess.run(command, env=env, check=False).returncode
    print(f"{words[0]}: {time.monotonic() - start:.0f} s", flush=True)
    return code


def build(config: Path, day: date, home: Path, port: int) -> int:
    """Read landing and build on Spark what a night builds on DuckDB; return dbt's exit code."""
    arguments = run.hand_over(config, home / "handed", day)
    handed = json.dumps({"handed": str(home / "handed")})
    return dbt(home, port, "run-operation", "raw_from_landing", "--args", handed) or dbt(
        home, port, "build", *arguments
    )


def ask(port: int, sql: str) -> list[list[str | None]]:
    """Return the rows of a query on Spark, all cells as text."""
    script = (
        "import json, sys\nfrom pyhive import hive\n"
        "cursor = hive.connect('127.0.0.1', int(sys.argv[1])).cursor()\n"
        "cursor.execute(sys.stdin.read())\njson.dump(cursor.fetchall(), sys.stdout, default=str)\n"
    )
    command = [str(spark_cluster.programs() / "python"), "-c", script, str(port)]
    done = subprocess.run(command, input=sql, text=True, check=True, stdout=subprocess.PIPE)
    rows: list[list[str | None]] = json.loads(done.stdout)
    return rows


def opened(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Open a warehouse to read, in UTC."""
    db = duckdb.connect(str(warehouse), read_only=True)
    db.execute("set TimeZone = 'UTC'")
    return db


def compared(db: duckdb.DuckDBPyConnection, spark: Path, schemas: Sequence[str] = COMPARED) -> int:
    """Print one line a table of `schemas` and return how many differ."""
    sql = """select schema_name, table_name from duckdb_tables()
        where schema_name in (select unnest(?)) order by all"""
    tables = db.execute(sql, [list(schemas)]).fetchall()
    wrong = 0
    for schema, table in tables:
        what = difference(db, f"{schema}.{table}", spark / f"{schema}.db" / table)
        print(f"{schema}.{table}: {what or 'equal'}", flush=True)
        wrong += bool(what)
    print(f"{len(tables)} tables, {wrong} differ", flush=True)
    return wrong


def main() -> int:
    """Compare one company; exit 1 where a model does not run on Spark or a table differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--scale", type=float, default=0.3)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="beyond-likes-spark-") as folder:
        home = Path(folder)
        config = company(home / "company", chosen.days, chosen.scale)
        with (
            spark_cluster.running(home / "spark") as cluster,
            opened(run.project(config).warehouse) as db,
        ):
            read_otherwise = cells_apart(db, lambda sql: ask(cluster.port, sql))
            print("\n".join(read_otherwise) or "cells: equal", flush=True)
            failed = build(config, LAST, home, cluster.port)
            wrong = compared(db, cluster.warehouse)
    return 1 if failed or wrong or read_otherwise else 0


if __name__ == "__main__":
    sys.exit(main())
