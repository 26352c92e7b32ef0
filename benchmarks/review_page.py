"""`python -m benchmarks.review_page` measures the review page of a company with 200 campaigns and
three years: seconds to build, and bytes of the file. Limits: 5 s and 2,000,000 bytes.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import Cost, figures
from benchmarks.page import Tables, table
from dashboard import german
from dashboard.page import About, build
from tests.dashboard import company

Row = dict[str, Any]
GOALS = ("recruiting", "sales", "support", "commerce")
PLATFORMS = ("linkedin", "facebook", "instagram", "youtube", "tiktok", "x", "bluesky", "mastodon")
MODELS = ("first", "last", "linear", "position", "time_decay", "markov")

# As many values as the metrics layer makes: six grains and slices by platform and campaign.
VALUES = """
insert into kpi_values
with days as (
    select unnest(generate_series(date '2023-11-01', date '2026-11-22', interval 1 day)) as day
)
select s.kpi, g.grain, cast(d.day as date), g.slice, g.slice_value,
    40 + hash(s.kpi || d.day) % 20, 400, 0.1, 0.08, 0.13,
    d.day < date '2026-10-01', 0.12, 'off_target'
from kpi_scorecard as s, (
    select 'month' as grain, 'channel_kind' as slice, 'social' as slice_value
    union all select 'month', 'platform', platform from dim_platforms
    union all select 'month', 'campaign', campaign from kpi_campaigns
    union all select 'day', 'platform', platform from dim_platforms
    union all select 'day', 'campaign', campaign from kpi_campaigns where campaign < 'campaign 05'
) as g, days as d
where g.grain = 'day' or extract('day' from d.day) = 1
"""


def content(campaigns: int) -> dict[str, list[Row]]:
    """Return a company of this size, every table of its page filled."""
    names = [f"campaign {number:03} with a name of usual length" for number in range(campaigns)]
    goal_of = {name: GOALS[number % 4] for number, name in enumerate(names)}
    kinds = ("application", "lead", "deal", "order", "support_request")
    rows = company.small()
    score, definition = rows["kpi_scorecard"][0], rows["kpi_definitions"][0]
    return {
        **rows,
        "kpi_scorecard": [
            {**score, "kpi": kpi, "label": kpi, "goal": GOALS[number % 4], "unit": "rate",
             "value": 0.1, "lower_95": 0.08, "upper_95": 0.13, "target": 0.15}
            for number, kpi in enumerate(german.NAMES)
        ],
        "kpi_definitions": [{**definition, "kpi": kpi} for kpi in german.NAMES],
        "kpi_values": [],
        "kpi_campaigns": [
            {**rows["kpi_campaigns"][number % 2], "campaign": name, "goal": goal_of[name],
             "platform": PLATFORMS[number % 8]}
            for number, name in enumerate(names)
        ],
        "kpi_levers": [
            {**rows["kpi_levers"][number % 3], "goal": goal_of[name], "audience": name,
             "platform": PLATFORMS[number % 8], "lever_rank": number}
            for number, name in enumerate(names)
        ],
        "kpi_review_effects": [
            {**rows["kpi_review_effects"][0], "kpi": kpi, "decision": f"decision {number}"}
            for kpi in german.NAMES for number in range(3)
        ],
        "kpi_attribution": [
            {"conversion_kind": kind, "campaign": name, "model": model, "conversions": 3.5 + place}
            for kind in kinds for name in names for place, model in enumerate(MODELS)
        ],
        "kpi_commerce": [
            {"month": company.OCTOBER, "campaign": name, "orders": 12, "order_revenue": 999.5,
             "clicks": 480, "cost": 120.25}
            for name in names
        ],
        "dim_platforms": [{"platform": name, "label": name.title()} for name in PLATFORMS],
    }  # fmt: skip


def built(file: Path) -> tuple[bytes, Cost]:
    """Build the page; return it and what that cost this process."""
    cpu, start = time.process_time(), time.monotonic()
    page = build(file, About(company.DAY, "Measured", "Europe/Berlin")).encode("utf-8")
    took = time.process_time() - cpu, time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return page, Cost(*took, peak)


def measure(arguments: Sequence[str]) -> Tables:
    """Return what the page of a company of this size costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="write the page here")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = company.write(Path(folder) / "marts.duckdb", content(asked.campaigns))
        with duckdb.connect(str(file)) as db:
            db.execute(VALUES)
            (values,) = db.execute("select count(*) from kpi_values").fetchone() or (0,)
        with get_context("spawn").Pool(1) as alone:  # its memory is the page's own
            page, cost = alone.apply(built, (file,))
    if asked.keep:
        asked.keep.write_bytes(page)
    head = ("campaigns", "months", "KPI values", "bytes", "CPU s", "wall s", "peak MB")
    line = (asked.campaigns, 37, f"{values:,}", f"{len(page):,}", *figures(cost))
    return {"review_page": table(head, [line])}


if __name__ == "__main__":
    print(*measure(sys.argv[1:]).values())
