"""Makes, of the marts, the tables that are published when small cells are withheld."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from extractors.cells import funnels, kpis, measures, shown

NOTES = "small_cells"
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


def withhold(db: duckdb.DuckDBPyConnection, manifest: Path, smallest: int) -> Mapping[str, str]:
    """Attach database `held` with what is published instead of some marts; say how each differs.

    Shape: table → what it leaves out; each lies in held.published, and so does `small_cells`, which
    lists them. A table that nothing is known of has no rows: it may count persons.
    Raises: FatalError where the last build's manifest is not there.
    """
    db.execute("attach ':memory:' as held")
    db.execute("create schema held.published")
    shown.write(db, measures.read(db, manifest, smallest))
    texts = {}
    for (name,) in db.execute(
        "select table_name from information_schema.tables where table_schema = 'marts'"
        " and table_catalog = current_database() order by 1"
    ).fetchall():
        if name not in UNCHANGED:
            nothing = (f'select * from marts."{name}" limit 0', "no rows")
            sql, texts[name] = REWRITTEN.get(name, nothing)
            db.execute(f'create table held.published."{name}" as {sql}')
    db.execute(
        f"create table held.published.{NOTES} as"
        " select unnest(?) as table_name, unnest(?) as left_out, ?::bigint as smallest_cell",
        [list(texts), list(texts.values()), smallest],
    )
    return texts
