"""A night that keeps rows must leave what one that makes all anew does (decision 0040)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests import kept_company as said
from tests.company import Company, parsed
from tests.test_news import SINCE


def compared(one: Path, other: Path) -> list[tuple[str, int]]:
    """Return the tables that differ, each with the number of rows that only one of both has.

    These are the marts and what the next night keeps below them, but for numbers of journeys.
    """
    with duckdb.connect() as db:
        db.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        sql = "select distinct schema_name || '.' || table_name from duckdb_tables()"
        sql += f" where schema_name = 'marts' or table_name in {BELOW} order by 1"
        names = [name for (name,) in db.execute(sql).fetchall()]
        assert len(names) > 30 + len(BELOW)
        apart = []
        for name in names:
            a, b = (f"select * from {side}.{name}" for side in ("one", "other"))
            sql = f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
            (count,) = db.execute(sql).fetchall()[0]
            if count:
                apart.append((name, count))
    return apart


def done(ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode == 0, ended.stdout + ended.stderr


def because(company: Company) -> str | None:
    """Return why the last build made all anew."""
    ((why,),) = company.warehouse("select anew_because from ops.build where finished")
    return why  # type: ignore[no-any-return]


def forget(company: Company) -> None:
    """Let the next build make all anew."""
    with duckdb.connect(str(company.folder / "data" / "warehouse.duckdb")) as db:
        db.execute("update ops.build set fingerprint = null")


PROJECT = Path(__file__).parents[1] / "dbt_project"
BELOW = (
    "int_post_metrics__unioned", "int_post_metrics__totalled", "int_posts__resolved",
    "int_touchpoints__resolved", "int_conversions__last_touched", "int_conversions__attributed",
)  # fmt: skip
NIGHTS = {
    "2026-06-09": {
        "post_metrics": said.FIRST, "posts": said.POSTS,
        "ad_performance": said.ADS.format(clicks=3), "touchpoints": said.TOUCHPOINTS,
        "applications": said.APPLICATIONS, "leads": said.LEADS, "deals": said.DEALS,
        "orders": said.ORDERS, "support_requests": said.REQUESTS, "costs": said.COSTS,
        "account_metrics": said.ACCOUNTS.format(followers=110), "orders_aged": said.ORDERS_AGED,
    },
    "2026-06-11": {
        "post_metrics": said.SECOND, "posts": said.POSTS_LATER,
        "ad_performance": said.ADS.format(clicks=11), "touchpoints": said.TOUCHPOINTS_LATER,
        "applications": said.APPLICATIONS_LATER, "leads": said.LEADS_LATER,
        "deals": said.DEALS_LATER, "orders": said.ORDERS_LATER,
        "support_requests": said.REQUESTS_LATER, "costs": said.COSTS_LATER,
        "account_metrics": said.ACCOUNTS.format(followers=120),
    },
}  # fmt: skip
# what comes from an API: posts of Bluesky, orders of Shopify, rates of the European Central Bank
READ = {
    "2026-06-09": {
        ("bluesky", "posts"): said.READ.format(skeets=said.SKEETS, attempt=1),
        ("shopify", "orders"): said.SOLD.format(orders=said.SHOP, attempt=1),
        ("ecb", "rates"): said.FIXED.format(rates=said.RATES, attempt=1),
    },
    "2026-06-11": {
        ("bluesky", "posts"): said.READ.format(skeets=said.SKEETS_LATER, attempt=2),
        ("shopify", "orders"): said.SOLD.format(orders=said.SHOP_LATER, attempt=2),
        ("ecb", "rates"): said.FIXED.format(rates=said.RATES_LATER, attempt=2),
    },
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Two nights of a company; the second one kept rows."""
    own = Company(tmp_path_factory.mktemp("kept"))
    own.settings("sources: {file_drop: {}, bluesky: {}}\ndrop: exports\n")
    own.write("company/campaigns.csv", said.CAMPAIGNS)
    for day, exports in NIGHTS.items():
        for entity, text in exports.items():
            own.write(f"exports/{entity}_{day}.csv", text)
        with parsed(own.folder / "data" / "dbt" / "target"):
            for source in ("file_drop", "company"):
                done(own.run("extract", source, "--until", day))
            done(own.run("load"))
            with duckdb.connect(str(own.folder / "data" / "warehouse.duckdb")) as db:
                for (source, stream), rows in READ[day].items():
                    db.execute(rows)
                    name = f"{1 + list(NIGHTS).index(day)}"
                    db.execute(said.LOADED.format(source=source, stream=stream, attempt=name))
                if day == "2026-06-11":
                    db.execute(said.AGED)
            done(own.run("build", "--date", day))
        assert (because(own) is None) == (day == "2026-06-11")
    return own


def test_kept_rows_are_those_that_would_be_made_anew(company: Company) -> None:
    warehouse = company.folder / "data" / "warehouse.duckdb"
    kept = shutil.copy(warehouse, company.folder / "kept.duckdb")
    renewed = "select count(*) from intermediate.int_posts__renewed"
    assert company.warehouse(f"{renewed} union all {renewed.replace('renewed', 'changed')}") == [
        (11,), (9,)
    ]  # fmt: skip
    conversions = "select conversion_kind, count(*) from intermediate.int_conversions__changed"
    assert company.warehouse(f"{conversions} group by all order by all") == [
        ("application", 6), ("deal", 5), ("lead", 4), ("order", 6), ("support_request", 1)
    ]  # fmt: skip
    forget(company)
    done(company.run("build", "--date", "2026-06-11"))
    assert because(company) == SINCE
    assert compared(Path(kept), warehouse) == []


def test_a_run_by_hand_lets_the_next_build_make_all_anew(company: Company, tmp_path: Path) -> None:
    """It may have made some tables of rows that the others do not have yet."""
    ends = "select fingerprint is null from ops.build"
    done(company.run("build", "--date", "2026-06-11"))
    assert company.warehouse(ends) == [(False,)]
    dbt = Path(sys.executable).with_name("dbt")
    words = f"run --select stg_ops__run --target-path {tmp_path} --log-path {tmp_path}".split()
    warehouse = str(company.folder / "data" / "warehouse.duckdb")
    env = {**os.environ, "BEYOND_LIKES_WAREHOUSE": warehouse, "DBT_PROFILES_DIR": str(PROJECT)}
    done(subprocess.run([dbt, *words, "--project-dir", PROJECT], env=env, capture_output=True,
                        text=True, check=False))  # fmt: skip
    assert company.warehouse(ends) == [(True,)]
