"""What a night costs a company with many facts, and what one more day costs it then.

    python -m benchmarks.scale [--rows 1000000] [--folder FOLDER]

Exports of post metrics (two fifths of the rows), touchpoints (three tenths), applications, leads
and orders (a tenth each) over 400 days go through the file drop, as commands that a user calls:
extract, load, build, publish. Then the next day comes: its rows, and a thousandth of the old ones
told anew. CPU and peak memory are read from the kernel; then each KPI's query is timed on the
published marts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, figures, spend
from benchmarks.page import Tables, table

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
SHARES = {
    "post_metrics": 0.4, "touchpoints": 0.3, "applications": 0.1, "leads": 0.1, "orders": 0.1
}  # fmt: skip
# Every row is a function of its number: `n` counts from the first day on, {day} is when it was.
WHEN = "cast({day} as varchar) || 'T' || lpad(cast(n % 24 as varchar), 2, '0') || ':00:00Z'"
FROM = "'linkedin' as source, 'campaign-' || (n % {campaigns}) as utm_campaign"
EXPORTS = {
    "post_metrics": (
        "{platform} as platform, 'p' || (n % {posts}) as post_id, {day} as as_of,"
        " 'daily' as basis, n % 997 as impressions, n % 31 as likes, n % 7 as comments,"
        " n % 13 as clicks"
    ),
    "account_metrics": (
        "{owner} as platform, 'account-' || (n % {accounts}) as account_id, {day} as as_of,"
        " 5000 + n as followers"
    ),
    "touchpoints": (
        "'t' || n as touch_id, 'person-' || (n % {people}) as person, {when} as touched_at,"
        " {platform} as platform, 'campaign ' || (n % {campaigns}) as campaign, 'click' as kind"
    ),
    "applications": (
        "'a' || n as application_id, {when} as applied_at, 'person-' || (n % {people}) as person,"
        " {source}, n % 3 = 0 as qualified, n % 11 = 0 as hired"
    ),
    "leads": (
        "'l' || n as lead_id, {when} as created_at, 'person-' || (n % {people}) as person,"
        " {source}, n % 4 = 0 as qualified"
    ),
    "support_requests": (
        "'r' || n as request_id, {when} as opened_at, 'person-' || (n % {people}) as person,"
        " ['Instagram DM', 'Email', 'Phone'][1 + n % 3] as channel, n % 5 <> 0 as resolved,"
        " case when n % 5 <> 0 then {later} end as resolved_at, 1 + n % 5 as satisfaction"
    ),
    "orders": (
        "'o' || n as order_id, {when} as ordered_at, 'person-' || (n % {people}) as person,"
        " {source}, (n % 9000) / 100 as amount, 'EUR' as currency, n % 2 = 0 as new_customer"
    ),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a company is: rows of each entity over DAYS days, and what they are about."""

    rows: Mapping[str, int]
    posts: int
    people: int
    accounts: int = 50


def shared_out(rows: int) -> Shape:
    """Return a company of so many facts, by SHARES."""
    of = {entity: int(share * rows) for entity, share in SHARES.items()}
    return Shape(of, posts=max(rows // 250, 1), people=rows // 4)


def export(folder: Path, shape: Shape, first: int, days: int, name: str, every: int = 1) -> None:
    """Write Parquet exports of `days` days from day `first` on, each `every`th row of them."""
    platforms = ", ".join(f"'{one}'" for one in PLATFORMS)
    words = {
        "posts": shape.posts, "people": shape.people, "accounts": shape.accounts,
        "campaigns": CAMPAIGNS,
        "platform": f"[{platforms}][1 + (n % {shape.posts}) % {len(PLATFORMS)}]",
        "owner": f"[{platforms}][1 + n % {shape.accounts} % {len(PLATFORMS)}]",
    }  # fmt: skip
    start = LAST - timedelta(days=DAYS)
    with duckdb.connect() as db:
        for entity, rows in shape.rows.items():
            a_day = max(int(rows / DAYS), 1)
            words["day"] = f"(date '{start}' + cast(n // {a_day} as integer))"
            words |= {"when": WHEN.format(**words), "source": FROM.format(**words)}
            words["later"] = WHEN.format(day=f"({words['day']} + 1)")
            db.execute(
                f"copy (select {EXPORTS[entity].format(**words)} from"
                f" range({first * a_day}, {(first + days) * a_day}, {every}) as r(n))"
                f" to '{folder}/{entity}_{name}.parquet'"
            )
        if not first:
            db.execute(
                f"copy (select [{platforms}][1 + n % {len(PLATFORMS)}] as platform,"
                f" 'p' || n as post_id, 'account-' || (n % {shape.accounts}) as account_id,"
                f" date '{start}' as published_at, 'image' as type,"
                f" 'https://x.example/?utm_campaign=campaign-' || (n % {CAMPAIGNS}) as url"
                f" from range({shape.posts}) as r(n)) to '{folder}/posts_{name}.parquet'"
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
    print(day, *words[:2], *figures(cost), file=sys.stderr)
    return cost


def night(folder: Path, day: date) -> dict[str, Cost]:
    """Run the steps of a night; return what each cost."""
    steps = ("extract file_drop", "extract company", "load", "build", "publish", "review")
    return {words: step(folder, day, *words.split()) for words in steps}


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


def two_nights(folder: Path, shape: Shape) -> str:
    """Let a company live its first night and the next one; return what they cost, as Markdown."""
    company(folder)
    export(folder / "exports", shape, 0, DAYS, "all")
    first = night(folder, LAST - timedelta(days=1))
    most = slowest(folder)
    export(folder / "exports", shape, DAYS, 1, "new")
    export(folder / "exports", shape, DAYS // 2, DAYS // 2, "old", every=500)
    second = night(folder, LAST)
    took = queries(folder / "data" / "published" / "marts.duckdb")
    share = second["build"].cpu_seconds / first["build"].cpu_seconds
    said = (
        f"Most of the first build, wall s: {', '.join(most)}.",
        f"The build of one new day ÷ that of all: {share:.2f} of the CPU seconds.",
        f"{len(took)} queries of KPIs: median {statistics.median(took):.1f} ms,"
        f" p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms.",
    )
    return "\n\n".join((costs(shape, first, second).rstrip(), *said))


def costs(shape: Shape, first: Mapping[str, Cost], second: Mapping[str, Cost]) -> str:
    """Return a table of two nights, step by step, and their sums without the page made again."""
    head = (f"{sum(shape.rows.values()):,} facts", "CPU s", "wall s", "peak MB",
            "next day: CPU s", "wall s", "peak MB")  # fmt: skip
    *steps, page = [(name, *figures(first[name]), *figures(second[name])) for name in first]
    sums = [figures(total([*night.values()][:-1])) for night in (first, second)]
    alone = ("review: the page alone, which publish makes too", *page[1:])
    return table(head, [*steps, ("**the night**", *sums[0], *sums[1]), alone])


def total(steps: Sequence[Cost]) -> Cost:
    """Return the sum of steps that ran one after the other."""
    return Cost(
        sum(cost.cpu_seconds for cost in steps),
        sum(cost.wall_seconds for cost in steps),
        max(cost.peak_mb for cost in steps),
    )


def measure(arguments: Sequence[str]) -> Tables:
    """Return the table of one size."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="where the company is made; kept")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as own:
        return {
            f"scale {chosen.rows}": two_nights(
                chosen.folder or Path(own, "company"), shared_out(chosen.rows)
            )
        }


if __name__ == "__main__":
    print(*measure(sys.argv[1:]).values())
