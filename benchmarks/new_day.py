"""What one new day costs the build of a company with many days of posts, beside making all anew.

    python -m benchmarks.new_day [--rows 1000000] [--folder FOLDER] [--check]

Raw is written by DuckDB, in the shape that the loader leaves: 400 days, of which 97 of 100 rows are
days of posts (a post is counted for 90 days), the others touchpoints, applications, leads and
orders. Then the next day comes, and with it a hundredth of the rows of the week before, told anew.
CPU and peak memory are read from the kernel. --check makes all anew and compares every mart.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.measure import figures
from benchmarks.page import Tables, table
from benchmarks.scale import CAMPAIGNS, DAYS, EXPORTS, LAST, PLATFORMS, WHEN, company, slowest, step
from extractors.core import loader
from extractors.project import streams

START = LAST - timedelta(days=DAYS)
COUNTED_DAYS, WEEK = 90, 7
OTHERS = {"touchpoints": 0.012, "applications": 0.006, "leads": 0.006, "orders": 0.006}
SPOKEN = "[" + ", ".join(f"'{one}'" for one in PLATFORMS) + "]"


def days_of_posts(new: int, first: int, last: int, more: int = 0, every: int = 1) -> str:
    """Select the days of posts from day `first` to `last`; `new` posts begin each day."""
    return f"""
        select {SPOKEN}[1 + (r // {COUNTED_DAYS}) % {len(PLATFORMS)}] as platform,
            'p' || (d - r % {COUNTED_DAYS}) || '-' || r // {COUNTED_DAYS} as post_id,
            date '{START}' + cast(d as integer) as as_of, 'daily' as basis,
            (d * 7 + r) % 997 + {more} as impressions, r % 31 as likes, r % 7 as comments,
            r % 13 as clicks
        from range({first}, {last + 1}) as days(d)
        cross join range(0, {new * COUNTED_DAYS}, {every}) as rows(r)"""


def posts(new: int, first: int, last: int) -> str:
    """Select the posts that began on days `first` to `last`."""
    return f"""
        select {SPOKEN}[1 + n % {len(PLATFORMS)}] as platform, 'p' || d || '-' || n as post_id,
            timestamptz '{START} 08:00:00Z' + to_days(cast(d as integer)) as published_at,
            'image' as type,
            'https://x.example/?utm_campaign=campaign-' || (n + d + 90) % {CAMPAIGNS} as url
        from range({first}, {last + 1}) as days(d)
        cross join range({new}) as rows(n)"""


def others(entity: str, rows: int, first: int, last: int) -> str:
    """Select the rows of another entity, as `python -m benchmarks.scale` exports them."""
    a_day = max(int(rows * OTHERS[entity] / DAYS), 1)
    day = f"(date '{START}' + cast(n // {a_day} as integer))"
    words = {
        "people": a_day * DAYS // 4, "campaigns": CAMPAIGNS, "day": day,
        "platform": f"{SPOKEN}[1 + n % {len(PLATFORMS)}]", "when": WHEN.format(day=day),
        "source": f"'linkedin' as source, 'campaign-' || (n % {CAMPAIGNS}) as utm_campaign",
    }  # fmt: skip
    numbers = f"range({first * a_day}, {(last + 1) * a_day})"
    return f"select {EXPORTS[entity].format(**words)} from {numbers} as r(n)"


def bring(db: duckdb.DuckDBPyConnection, entity: str, select: str, attempt: str, day: date) -> None:
    """Put the rows of one attempt into raw and the ledger; of two with one key the newer stays."""
    raw, key = f"raw.file_drop__{entity}", streams()[f"file_drop.{entity}"].key
    at = f"timestamptz '{day} 04:00:00Z'"
    same = " and ".join(f"old.{one} = news.{one}" for one in key)
    db.execute(f"create or replace temp table news as {select}")
    (replaced,) = db.execute(
        f"delete from {raw} as old where exists (select 1 from news where {same})"
    ).fetchall()[0]
    db.execute(
        f"insert into {raw} by name select *, {at} as _fetched_at, '{attempt}' as _batch,"
        f" 0 as _line, '{attempt}' as _attempt from news"
    )
    db.execute("update ops.load_ledger set rows_replaced = ? where stream = ?", [replaced, entity])
    db.execute(
        "insert into ops.load_ledger by name select 'file_drop' as source, ? as stream,"
        " ? as window_first, ? as window_last, ? as attempt, 'loaded' as status,"
        " count(*) as rows_landed, count(*) as rows_written, 0 as rows_rejected,"
        f" 0 as rows_replaced, {at} as fetched_at, {at} as loaded_at from news",
        [entity, START, day, attempt],
    )
    db.execute("drop table news")


def live(warehouse: Path, rows: int, first: int, last: int, attempt: str) -> None:
    """Load days `first` to `last`, and of the week before them what is told anew."""
    new = max(round(rows * 0.97 / DAYS / COUNTED_DAYS), 1)
    day = START + timedelta(days=last)
    told = days_of_posts(new, first, last)
    if first:
        told += f" union all {days_of_posts(new, first - WEEK, first - 1, more=1, every=100)}"
    with duckdb.connect(str(warehouse)) as db:
        db.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        loader.prepare(db, streams().values())
        bring(db, "post_metrics", told, attempt, day)
        bring(db, "posts", posts(new, first or 1 - COUNTED_DAYS, last), attempt, day)
        for entity in OTHERS:
            bring(db, entity, others(entity, rows, first, last), attempt, day)


def differences(one: Path, other: Path) -> list[str]:
    """Return the marts that differ in any cell; of a double ten digits are looked at."""
    cells = """
        select table_name, string_agg(
            format(case when data_type = 'DOUBLE' then 'printf(''%.9e'', "{}")' else '"{}"' end,
                column_name), ', ')
        from duckdb_columns() where database_name = 'one' and schema_name = 'marts'
        group by table_name"""
    with duckdb.connect() as db:
        db.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        apart = []
        for table, columns in db.execute(cells).fetchall():
            a, b = (f"select {columns} from {name}.marts.{table}" for name in ("one", "other"))
            sql = f"select 1 from (({a} except all {b}) union all ({b} except all {a})) limit 1"
            if db.execute(sql).fetchone():
                apart.append(table)
    return apart


def measure(arguments: Sequence[str]) -> Tables:
    """Return a table of both builds, with their ratio and what differs."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="where the company is made; kept")
    options.add_argument("--check", action="store_true", help="make all anew and compare")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as own:
        told = two_builds(chosen.folder or Path(own, "company"), chosen.rows, check=chosen.check)
    return {f"new_day {chosen.rows}": told}


def two_builds(folder: Path, rows: int, *, check: bool) -> str:
    """Build all days and then one more; return what both cost, as Markdown."""
    company(folder)
    step(folder, LAST, "extract", "company")
    step(folder, LAST, "load")
    warehouse = folder / "data" / "warehouse.duckdb"
    live(warehouse, rows, 0, DAYS - 1, "1")
    costs = {"all": step(folder, LAST - timedelta(days=1), "build")}
    most = [slowest(folder)]
    live(warehouse, rows, DAYS, DAYS, "2")
    costs["one new day"] = step(folder, LAST, "build")
    most.append(slowest(folder))
    ratio = costs["one new day"].cpu_seconds / costs["all"].cpu_seconds
    said = [f"One new day ÷ all: **{ratio:.3f}** of the CPU seconds."]
    if check:
        kept = warehouse.with_name("kept.duckdb")
        shutil.copyfile(warehouse, kept)
        with duckdb.connect(str(warehouse)) as db:
            db.execute("update ops.build set fingerprint = null")
        costs["the same, all anew"] = step(folder, LAST, "build")
        apart = ", ".join(differences(kept, warehouse)) or "none"
        said.append(f"Marts that differ from those of a build that makes all anew: {apart}.")
    said += [f"Most of {n}, wall s: {', '.join(m)}." for n, m in zip(costs, most, strict=False)]
    lines = [(name, *figures(cost)) for name, cost in costs.items()]
    costs_table = table((f"{rows:,} facts, build", "CPU s", "wall s", "peak MB"), lines)
    return "\n\n".join((costs_table, *said))


if __name__ == "__main__":
    print(*measure(sys.argv[1:]).values())
