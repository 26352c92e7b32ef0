"""What a night costs a company with many facts, and what one more day costs it then.

    python -m benchmarks.scale [--rows 1000000] [--folder FOLDER]

Exports of post metrics (two fifths of the rows), touchpoints (three tenths), applications, leads
and orders (a tenth each) over 400 days go through the file drop, as commands that a user calls:
extract, load, build, publish. Then the next day comes: its rows, and a thousandth of the old ones
told anew. CPU and peak memory are read from the kernel; the last lines time each KPI's query on
the published marts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, spend

LAST = date(2026, 11, 22)
DAYS = 400
CAMPAIGNS = 200
PLATFORMS = ("linkedin", "facebook", "instagram", "youtube", "tiktok", "x", "bluesky", "mastodon")
COMMAND = str(Path(sys.executable).with_name("beyond-likes"))
SETTINGS = """
timezone: Europe/Berlin
currency: EUR
drop: exports
sources: {file_drop: {}}
"""
# Every row is a function of its number: `n` counts from the first day on, {day} is when it was.
WHEN = "cast({day} as varchar) || 'T' || lpad(cast(n % 24 as varchar), 2, '0') || ':00:00Z'"
FROM = "'linkedin' as source, 'campaign-' || (n % {campaigns}) as utm_campaign"
EXPORTS = {
    "post_metrics": (
        0.4,
        "{platform} as platform, 'p' || (n % {posts}) as post_id, {day} as as_of,"
        " 'daily' as basis, n % 997 as impressions, n % 31 as likes, n % 7 as comments,"
        " n % 13 as clicks",
    ),
    "touchpoints": (
        0.3,
        "'t' || n as touch_id, 'person-' || (n % {people}) as person, {when} as touched_at,"
        " {platform} as platform, 'campaign ' || (n % {campaigns}) as campaign, 'click' as kind",
    ),
    "applications": (
        0.1,
        "'a' || n as application_id, {when} as applied_at, 'person-' || (n % {people}) as person,"
        " {source}, n % 3 = 0 as qualified, n % 11 = 0 as hired",
    ),
    "leads": (
        0.1,
        "'l' || n as lead_id, {when} as created_at, 'person-' || (n % {people}) as person,"
        " {source}, n % 4 = 0 as qualified",
    ),
    "orders": (
        0.1,
        "'o' || n as order_id, {when} as ordered_at, 'person-' || (n % {people}) as person,"
        " {source}, (n % 9000) / 100 as amount, 'EUR' as currency, n % 2 = 0 as new_customer",
    ),
}


def export(folder: Path, rows: int, first: int, days: int, name: str, every: int = 1) -> None:
    """Write Parquet exports of `days` days from day `first` on, each `every`th row of them."""
    posts = max(rows // 250, 1)
    platforms = ", ".join(f"'{one}'" for one in PLATFORMS)
    words = {
        "posts": posts, "people": rows // 4, "campaigns": CAMPAIGNS,
        "platform": f"[{platforms}][1 + (n % {posts}) % {len(PLATFORMS)}]",
    }  # fmt: skip
    start = LAST - timedelta(days=DAYS)
    with duckdb.connect() as db:
        for entity, (share, columns) in EXPORTS.items():
            a_day = max(int(rows * share / DAYS), 1)
            words["day"] = f"(date '{start}' + cast(n // {a_day} as integer))"
            words |= {"when": WHEN.format(**words), "source": FROM.format(**words)}
            db.execute(
                f"copy (select {columns.format(**words)} from"
                f" range({first * a_day}, {(first + days) * a_day}, {every}) as r(n))"
                f" to '{folder}/{entity}_{name}.parquet'"
            )
        if not first:
            db.execute(
                f"copy (select [{platforms}][1 + n % {len(PLATFORMS)}] as platform,"
                f" 'p' || n as post_id, date '{start}' as published_at, 'image' as type,"
                f" 'https://x.example/?utm_campaign=campaign-' || (n % {CAMPAIGNS}) as url"
                f" from range({posts}) as r(n)) to '{folder}/posts_{name}.parquet'"
            )


def company(folder: Path) -> None:
    """Write the settings and the campaigns."""
    (folder / "exports").mkdir(parents=True)
    (folder / "company").mkdir()
    (folder / "sources.yml").write_text(SETTINGS, encoding="utf-8")
    goals = ("recruiting", "sales", "support", "commerce")
    lines = [
        f"campaign {n},{goals[n % 4]},team,{PLATFORMS[n % 8]},campaign-{n}"
        for n in range(CAMPAIGNS)
    ]
    head = "campaign,goal,department,platform,utm_campaign"
    text = "\n".join([head, *lines]) + "\n"
    (folder / "company" / "campaigns.csv").write_text(text, encoding="utf-8")


def step(folder: Path, day: date, *words: str) -> Cost:
    """Run one command in the company's folder and print what it cost."""
    dated = {"extract": ["--until", str(day)], "build": ["--date", str(day)]}.get(words[0], [])
    command = [COMMAND, *words, *dated, "--config", str(folder / "sources.yml")]
    env = {**os.environ, "BEYOND_LIKES_HMAC_KEY": "benchmark-0123456789-0123456789-0123"}
    cost = spend(command, folder / f"{words[0]}.log", env)
    print(f"| {' '.join(words)} | {cost.cpu_seconds:.1f} | {cost.wall_seconds:.1f}"
          f" | {cost.peak_mb:,.0f} |", flush=True)  # fmt: skip
    return cost


def night(folder: Path, day: date) -> Cost:
    """Run the steps of a night; return what the build cost."""
    print(f"\n| {day} | CPU s | wall s | peak MB |\n|---|---|---|---|", flush=True)
    step(folder, day, "extract", "file_drop")
    step(folder, day, "extract", "company")
    step(folder, day, "load")
    built = step(folder, day, "build")
    step(folder, day, "publish")
    print(f"\nmost of the build, wall s: {', '.join(slowest(folder))}", flush=True)
    return built


def slowest(folder: Path) -> list[str]:
    """Return the ten models that took longest, with their seconds."""
    results = folder / "data" / "dbt" / "target" / "run_results.json"
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    most = sorted(nodes, key=lambda node: -float(node["execution_time"]))[:10]
    return [f"`{n['unique_id'].split('.')[2]}` {n['execution_time']:.1f}" for n in most]


def queries(marts: Path) -> list[float]:
    """Return the milliseconds of each KPI's month by platform and by campaign, read as BI does."""
    with duckdb.connect(str(marts), read_only=True) as db:
        kpis = [kpi for (kpi,) in db.execute("select kpi from kpi_scorecard").fetchall()]
        took = []
        for kpi in kpis:
            for part in ("platform", "campaign"):
                start = time.perf_counter()
                db.execute(
                    "select period_start, slice_value, value, lower_95, upper_95 from kpi_values"
                    " where kpi = ? and slice = ? and period_grain = 'month' order by all",
                    [kpi, part],
                ).fetchall()
                took.append((time.perf_counter() - start) * 1000)
    return took


def main() -> None:
    """Print two tables and a line."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="where the company is made; kept")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as own:
        folder = chosen.folder or Path(own, "company")
        company(folder)
        export(folder / "exports", chosen.rows, 0, DAYS, "all")
        full = night(folder, LAST - timedelta(days=1))
        export(folder / "exports", chosen.rows, DAYS, 1, "new")
        export(folder / "exports", chosen.rows, DAYS // 2, DAYS // 2, "old", every=500)
        day = night(folder, LAST)
        print(f"\n{chosen.rows:,} facts; the build of one new day \u00f7 that of all:"
              f" {day.cpu_seconds / full.cpu_seconds:.2f}")  # fmt: skip
        took = queries(folder / "data" / "published" / "marts.duckdb")
        p95 = statistics.quantiles(took, n=20)[-1]
        print(f"{len(took)} queries of KPIs: median {statistics.median(took):.1f} ms,"
              f" p95 {p95:.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
