"""Makes, of the marts, the tables that are published when small cells are withheld."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from extractors.cells import funnels, kpis, measures, shown

UNCHANGED = (
    "dim_campaigns",
    "dim_dates",
    "dim_platforms",
    "fct_account_days",
    "fct_costs",
    "fct_post_days",
    "fct_posts",
    "kpi_definitions",
    "metric_breaks",
    "metric_definitions",
)
COVERAGE = """
select * replace (
    null::bigint as "rows", null::bigint as rejected_rows, null::bigint as rejected_cells,
    null::double as rejected_share, null::double as campaign_share,
    null::bigint as negative_durations, null::varchar as unknown_values
)
from marts.data_coverage
"""
REWRITTEN = {
    "metric_days": (
        "select * from marts.metric_days anti join held.personal using (measure)",
        "measures of persons have no rows",
    ),
    "fct_ad_days": (
        "select * replace (null::bigint as leads, null::bigint as conversions) "
        "from marts.fct_ad_days",
        "leads and conversions are null",
    ),
    "utm_audit": (
        "select * from marts.utm_audit "
        "where problem in ('campaign_without_tag', 'spend_without_tag')",
        "problems that rows of persons show are left out",
    ),
    "data_coverage": (COVERAGE, "numbers of rows, and what is found by counting them, are null"),
    **kpis.TABLES,
    **funnels.TABLES,
}


COLUMNS = {
    name: {"description": text}
    for name, text in {
        "is_withheld": "Whether figures of the row are null because they would tell a small count.",
        "left_out": "How the table differs from what it is without `smallest_cell`.",
        "smallest_cell": "Fewest persons of whom a count is published.",
        "table_name": "Table of this release that leaves something out.",
    }.items()
}


@contextmanager
def withheld(
    db: duckdb.DuckDBPyConnection, manifest: Path, smallest: int | None
) -> Iterator[Mapping[str, str]]:
    """Hold, as schema held.published, what is published instead of some marts.

    Shape: table → what it leaves out; `small_cells` lists them as a table. A mart that nothing is
    known of has no rows: it may count persons. None withholds nothing.
    Raises: FatalError where the last build's manifest is not there.
    """
    if smallest is None:
        yield {}
        return
    db.execute("attach ':memory:' as held")
    try:
        db.execute("create schema held.published")
        shown.write(db, measures.read(db, manifest, smallest))
        yield _publishable(db, smallest)
    finally:
        db.execute("detach held")


def _publishable(db: duckdb.DuckDBPyConnection, smallest: int) -> dict[str, str]:
    names = db.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    texts = {}
    for (name,) in names:
        if name not in UNCHANGED:
            nothing = (f'select * from marts."{name}" limit 0', "no rows")
            sql, left_out = REWRITTEN.get(name, nothing)
            texts[name] = f"Small cells are withheld: {left_out}."
            db.execute(f'create table held.published."{name}" as {sql}')
    db.execute(
        "create table held.published.small_cells as select unnest(?) as table_name,"
        " unnest(?) as left_out, ?::bigint as smallest_cell",
        [list(texts), list(texts.values()), smallest],
    )
    return {**texts, "small_cells": "One row per table of the release that leaves something out."}
