"""Who gets the credit: each attribution model over many conversions and touchpoints.

    python -m benchmarks.attribution [--conversions 1000000] [--touches 10000000] [--folder FOLDER]

Conversions (applications, leads, support requests and orders, a quarter each) and touchpoints are
made in raw by DuckDB, over 120 days: twenty touchpoints a person, five of them in the look-back of
each conversion. One dbt build makes everything that attribution needs and the models; then each
model's compiled SQL is run again as `create table`, in a process of its own on two threads, which
is what CPU and peak memory are read from. The floor finds the last touchpoint of each conversion by
one ASOF join of DuckDB over the same raw rows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, figures, run
from benchmarks.page import Tables, table
from benchmarks.scale import EXPORTS, FROM, LAST, PLATFORMS, WHEN, company, step
from extractors import handover
from extractors.project import FILE_SOURCES, modules

DAYS, CAMPAIGNS, TOUCHES_A_PERSON = 120, 200, 20
MODELS = (
    "int_conversions__last_touched",
    "int_conversions__attributed",
    "int_journeys__touched",
    "int_journeys__removal_effects",
    "fct_attributed_conversions",
    "kpi_attribution",
)
KINDS = ("applications", "leads", "support_requests", "orders")
FLOOR = """
select converted.id, touched.touch_id, touched.platform, touched.campaign
from (
    select application_id as id, person, applied_at as at from raw.file_drop__applications
    union all select lead_id, person, created_at from raw.file_drop__leads
    union all select request_id, person, opened_at from raw.file_drop__support_requests
    union all select order_id, person, ordered_at from raw.file_drop__orders
) as converted
asof inner join raw.file_drop__touchpoints as touched
    on converted.person = touched.person and converted.at >= touched.touched_at
where touched.touched_at >= converted.at - interval 720 hours
"""
RUN = """
import pathlib, sys, duckdb
with duckdb.connect(sys.argv[1]) as db:
    db.execute("set threads = 2")
    db.execute("set timezone = 'UTC'")
    db.execute("create or replace table main.measured as " + pathlib.Path(sys.argv[2]).read_text())
    print(db.execute("select count(*) from main.measured").fetchone()[0])
    db.execute("drop table main.measured")
"""


def fill(folder: Path, conversions: int, touches: int) -> Path:
    """Load the company's tables, then make these rows in raw; return the warehouse."""
    step(folder, LAST, "extract", "company")
    step(folder, LAST, "load")
    platforms = ", ".join(f"'{one}'" for one in PLATFORMS)
    people = touches // TOUCHES_A_PERSON
    words = {
        "people": people, "campaigns": CAMPAIGNS, "posts": 1, "accounts": 1, "owner": "''",
        "platform": f"[{platforms}][1 + n % {len(PLATFORMS)}]",
    }  # fmt: skip
    warehouse = folder / "data" / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as db:
        db.execute("set timezone = 'UTC'")
        for entity in (*KINDS, "touchpoints"):
            rows = touches if entity == "touchpoints" else conversions // len(KINDS)
            since = f"date '{LAST - timedelta(days=DAYS - 1)}'"
            words["day"] = f"({since} + cast(n * {DAYS} // {rows} as integer))"
            words["later"] = words["when"] = WHEN.format(**words)
            words["source"] = FROM.format(**words)
            made = EXPORTS[entity].format(**words)
            made = made.replace(f"(n % {people})", f"(hash(n, '{entity}') % {people})")
            db.execute(
                f"insert into raw.file_drop__{entity} by name select {made},"
                f" timestamptz '{LAST} 23:00:00Z' as _fetched_at, 'bench' as _batch,"
                f" n as _line, 'bench' as _attempt from range({rows}) as r(n)"
            )
    return warehouse


def wanted() -> tuple[str, ...]:
    """Return what tells dbt to build attribution and what it needs, as a night of files would."""
    night = handover.night([name for name in modules() if name not in FILE_SOURCES])
    return (*night, "--exclude-resource-type", "test", "--select", "+kpi_attribution")


def compiled(folder: Path, model: str) -> Path:
    """Return the SQL of a model as dbt compiled it."""
    target = folder / "data" / "dbt" / "target"
    (file,) = target.glob(f"compiled/**/models/**/{model}.sql")
    return file


def walls(folder: Path) -> dict[str, float]:
    """Return the seconds that dbt took for each model."""
    results = folder / "data" / "dbt" / "target" / "run_results.json"
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    return {node["unique_id"].split(".")[2]: float(node["execution_time"]) for node in nodes}


def measure(arguments: Sequence[str]) -> Tables:
    """Return a table of the models beside the floor."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--conversions", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=10_000_000)
    options.add_argument("--folder", type=Path, help="where the company is made; kept")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as own:
        folder = chosen.folder or Path(own, "company")
        company(folder)
        warehouse = fill(folder, chosen.conversions, chosen.touches)
        built = step(folder, LAST, "build", *wanted())
        floor = folder / "floor.sql"
        floor.write_text(FLOOR, encoding="utf-8")
        costs = {"floor: one ASOF join": once(warehouse, floor)}
        costs |= {f"`{model}`": once(warehouse, compiled(folder, model)) for model in MODELS}
        took = walls(folder)
    return {"attribution": shown(chosen.conversions, chosen.touches, costs, built, took)}


def once(warehouse: Path, sql: Path) -> Cost:
    """Run one query as `create table`, on two threads."""
    command = [sys.executable, "-c", RUN, str(warehouse), str(sql)]
    cost = run(command, warehouse.with_name("measured.log"))
    print(sql.stem, *figures(cost), f"{cost.rows:,} rows", file=sys.stderr)
    return cost


def shown(
    conversions: int, touches: int, costs: dict[str, Cost], built: Cost, took: dict[str, float]
) -> str:
    """Return the table."""
    floor = next(iter(costs.values())).cpu_seconds
    lines = [
        (name, f"{cost.rows:,}", *figures(cost), f"{cost.cpu_seconds / floor:.2f}",
         f"{took[name.strip('`')]:.1f}" if name.strip("`") in took else "")
        for name, cost in costs.items()
    ]  # fmt: skip
    all_models = sum(cost.cpu_seconds for cost in [*costs.values()][1:])
    build = ("dbt build of these and all they need", "", *figures(built),
             f"{built.cpu_seconds / floor:.2f}", "")  # fmt: skip
    lines += [
        ("the models", "", f"{all_models:.1f}", "", "", f"{all_models / floor:.2f}", ""),
        build,
    ]
    head = (f"{conversions:,} conversions × {touches:,} touches", "rows", "CPU s", "wall s",
            "peak MB", "× floor", "in the build, wall s")  # fmt: skip
    return table(head, lines)


if __name__ == "__main__":
    print(*measure(sys.argv[1:]).values())
