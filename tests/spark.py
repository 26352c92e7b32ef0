"""The models on a real Spark must give the figures of DuckDB (docs/how-to/spark.md).

A simulated company is built by DuckDB; its raw tables go to Spark as Parquet, dbt builds the same
models there, and every table that is published is compared, numbers to a relative 1e-9.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from extractors import run
from extractors.handover import BY_NAME
from extractors.project import modules
from sandbox.serve import running
from tests import spark_cluster

ROOT = Path(__file__).parents[1]
LAST = date(2026, 11, 22)
HANDED = ("raw", "ops")
# Its steps double fourteen times; Spark plans each anew wherever it is read (decision 0038).
NOT_ON_SPARK = "int_journeys__removal_effects"
BEHIND = ("fct_attributed_conversions", "kpi_attribution")


def company(out: Path, days: int, scale: float) -> Path:
    """Live through two nights of a company, build it with DuckDB and return the warehouse."""
    config = out / "sources.yml"
    with running(out, last_day=LAST, days=days, scale=scale) as sandbox:
        for day in (LAST - timedelta(days=3), LAST):
            sandbox.set_day(day)
            outcomes = run.extract_all(config, run.plan(config, day))
            errors = [e for one in [*outcomes, *run.load(config)] for e in one["errors"]]
            if errors:
                raise SystemExit("\n".join(errors))
        run.build(config, LAST, ("--exclude-resource-type", "unit_test"))
    return out / "data" / "warehouse.duckdb"


def opened(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Open a warehouse to read, in UTC."""
    db = duckdb.connect(str(warehouse), read_only=True)
    db.execute("set TimeZone = 'UTC'")
    return db


def tables(db: duckdb.DuckDBPyConnection, *schemas: str) -> list[tuple[str, str]]:
    """Return schema and name of the tables of `schemas`."""
    found = db.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    return sorted((schema, table) for schema, table in found if schema in schemas)


def hand_over(db: duckdb.DuckDBPyConnection, folder: Path, port: int) -> None:
    """Make raw and the run's settings tables of Spark, over Parquet files in `folder`."""
    statements = [f"create schema if not exists {schema}" for schema in HANDED]
    for schema, table in tables(db, *HANDED):
        at = folder / schema / table
        at.mkdir(parents=True)
        db.execute(f"copy {schema}.{table} to '{at}/rows.parquet'")
        statements.append(f"create table {schema}.{table} using parquet location '{at}'")
    script = (
        "import sys\nfrom pyhive import hive\n"
        "cursor = hive.connect('127.0.0.1', int(sys.argv[1])).cursor()\n"
        "for line in sys.stdin:\n    cursor.execute(line)\n"
    )
    command = [str(spark_cluster.programs() / "python"), "-c", script, str(port)]
    subprocess.run(command, input="\n".join(statements), text=True, check=True)


def build(db: duckdb.DuckDBPyConnection, home: Path, port: int) -> int:
    """Let dbt build on Spark what a night builds on DuckDB; return dbt's exit code."""
    read = {name for (name,) in db.execute("select system from ops.systems_read").fetchall()}
    unread = [f"staging.{one}" for one in modules() if one not in read and one not in BY_NAME]
    command = [
        str(spark_cluster.programs() / "dbt"), "build", "--target", "spark", "--no-use-colors",
        "--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project"),
        "--target-path", str(home / "target"), "--log-path", str(home / "logs"),
        "--exclude-resource-type", "unit_test", "test", "--exclude", *unread, f"{NOT_ON_SPARK}+",
    ]  # fmt: skip
    env = {**os.environ, "BEYOND_LIKES_SPARK_PORT": str(port)}
    return subprocess.run(command, env=env, check=False).returncode


def difference(db: duckdb.DuckDBPyConnection, table: str, spark: Path) -> str:
    """Say how a table of schema marts differs from the Parquet files in `spark`; empty if not."""
    if not list(spark.glob("*.parquet")):
        return "was not built"
    described = db.execute(f"describe marts.{table}").fetchall()
    cells = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind, *_ in described)
    files = f"read_parquet('{spark}/*.parquet')"
    floats = {at for at, (_, kind, *_) in enumerate(described) if kind in ("DOUBLE", "FLOAT")}
    ours = _ordered(db.execute(f"select * from marts.{table}").fetchall(), floats)
    theirs = _ordered(db.execute(f"select {cells} from {files}").fetchall(), floats)
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, {len(theirs)} on Spark"
    cells_apart = [
        (described[at][0], a[at], b[at], a)
        for a, b in zip(ours, theirs, strict=True)
        for at in range(len(described))
        if not _equal(a[at], b[at])
    ]
    if not cells_apart:
        return ""
    name, one, other, row = cells_apart[0]
    columns = sorted({cell[0] for cell in cells_apart})
    return f"{len(cells_apart)} cells in {columns}; {name}: {one!r}, {other!r} on Spark, in {row}"


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or one is other
    return bool(one == other)


def _ordered(rows: list[tuple[Any, ...]], floats: set[int]) -> list[tuple[Any, ...]]:
    def key(row: tuple[Any, ...]) -> tuple[list[str], list[str]]:
        exact = [str(cell) for at, cell in enumerate(row) if at not in floats]
        return exact, [f"{row[at]:.6g}" if row[at] is not None else "" for at in sorted(floats)]

    return sorted(rows, key=key)


def main() -> int:
    """Compare one company; exit 1 where a model does not run on Spark or a table differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--scale", type=float, default=0.3)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="beyond-likes-spark-") as folder:
        home = Path(folder)
        warehouse = company(home / "company", chosen.days, chosen.scale)
        with spark_cluster.running(home / "spark") as cluster, opened(warehouse) as db:
            hand_over(db, home / "handed", cluster.port)
            failed = build(db, home, cluster.port)
            wrong = compared(db, cluster.warehouse)
    return 1 if failed or wrong else 0


def compared(db: duckdb.DuckDBPyConnection, spark: Path) -> int:
    """Print one line a published table and return how many differ."""
    found = {
        table: difference(db, table, spark / f"{schema}.db" / table)
        for schema, table in tables(db, "marts")
        if table not in BEHIND
    }
    for table, what in found.items():
        print(f"{table}: {what or 'equal'}", flush=True)
    wrong = sum(map(bool, found.values()))
    print(f"{len(found)} tables, {wrong} differ; not built on Spark: {', '.join(BEHIND)}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
