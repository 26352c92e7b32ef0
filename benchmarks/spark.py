"""The same facts built by DuckDB and by a Spark of two workers on this machine.

    python -m benchmarks.spark [--rows 1000000] [--folder FOLDER]

The company of benchmarks.scale is extracted and loaded once. DuckDB builds its marts from raw;
Spark reads landing and builds them again, and every raw and published table is compared, numbers to
a relative 1e-9. CPU is that of driver, master, workers and executors. Exits with 1 where one
differs. Needs .venv-spark and Java (docs/how-to/spark.md).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks import scale
from extractors import run
from tests import spark, spark_cluster

DAY = scale.LAST


def loaded(folder: Path, rows: int) -> None:
    """Make the company, bring its exports to landing and load them."""
    scale.company(folder)
    scale.export(folder / "exports", scale.shared_out(rows), 0, scale.DAYS + 1, "all")
    print("\n| | CPU s | wall s | peak MB |\n|---|---|---|---|", flush=True)
    scale.step(folder, DAY, "extract", "file_drop")
    scale.step(folder, DAY, "extract", "company")
    scale.step(folder, DAY, "load")


def models(target: Path) -> str:
    """Return how many models were built, the sum of their seconds, the median and the slowest."""
    nodes = json.loads((target / "run_results.json").read_text("utf-8"))["results"]
    took = sorted((float(node["execution_time"]), node["unique_id"]) for node in nodes)
    seconds = [one for one, _ in took]
    most = ", ".join(f"`{name.split('.')[2]}` {one:.1f}" for one, name in took[:-11:-1])
    median = seconds[len(seconds) // 2]
    return f"{len(took)} nodes, {sum(seconds):.0f} s, median {median:.2f} s; most: {most}"


def spent(home: Path) -> float:
    """Return the CPU seconds of the processes that run now in `home`: Spark and its executors."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(home):
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Print what each engine took, and every table that differs."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="a loaded company of an earlier call, or new")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as own:
        folder, home = chosen.folder or Path(own, "company"), Path(own)
        if not folder.exists():
            loaded(folder, chosen.rows)
        scale.step(folder, DAY, "build")
        print(f"DuckDB: {models(folder / 'data' / 'dbt' / 'target')}", flush=True)
        with spark_cluster.running(home / "spark") as cluster:
            start, before = time.monotonic(), spent(home / "spark")
            failed = spark.build(folder / "sources.yml", DAY, home, cluster.port)
            cpu, wall = spent(home / "spark") - before, time.monotonic() - start
            print(f"Spark, raw and marts: {cpu:.0f} CPU s, {wall:.0f} s", flush=True)
            print(f"Spark: {models(home / 'target')}", flush=True)
            warehouse = run.project(folder / "sources.yml").warehouse
            with spark.opened(warehouse) as db:
                wrong = spark.compared(db, cluster.warehouse)
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
