"""What one layer has, the next one has: each damage to a layer is found, a sound night passes."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.audited import audited
from tests.company import Company

REASONS = "rejected, failed_load, replaced, test_or_cancelled, not_won, counted_by_day, added"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return audited(tmp_path_factory)


@dataclass(frozen=True)
class Copy:
    """A copy of the built warehouse, and the SQL that dbt ran on it."""

    db: duckdb.DuckDBPyConnection
    counted: str
    model: str
    test: str

    def reconcile(self) -> str:
        """Build the mart and run its test again; return what the test says, '' when it passes.

        The night before kept rows: now every day is one that was changed.
        """
        days = "range(timestamp '2025-01-01', timestamp '2028-01-01', interval 1 day)"
        self.db.execute(
            "create or replace table intermediate.int_days__changed as"
            f" select 'readings' as fact, cast(range as date) as day from {days}"
        )
        table = "intermediate.int_reconciled__post_metrics"
        self.db.execute(f"create or replace table {table} as {self.counted}")
        self.db.execute(f"create or replace table marts.reconciliation as {self.model}")
        try:
            assert self.db.execute(self.test).fetchall() == []
        except duckdb.Error as error:
            return str(error)
        return ""


@pytest.fixture
def copy(company: Company, tmp_path: Path) -> Copy:
    compiled = company.folder / "data" / "dbt" / "target" / "compiled" / "beyond_likes"
    file = shutil.copy(company.folder / "data" / "warehouse.duckdb", tmp_path)
    return Copy(
        duckdb.connect(str(file)),
        (compiled / "models/intermediate/reconciled/int_reconciled__post_metrics.sql").read_text(
            "utf-8"
        ),
        (compiled / "models/marts/quality/reconciliation.sql").read_text(encoding="utf-8"),
        (compiled / "tests/layers_agree.sql").read_text(encoding="utf-8"),
    )


def lines(company: Company, where: str) -> list[tuple[object, ...]]:
    return company.published(
        f"select strftime(day, '%m-%d'), measure, value_before, {REASONS}, value_after"
        f" from reconciliation where {where} and (value_before <> value_after or added <> 0)"
    )


def test_every_line_of_a_sound_night_is_equal(company: Company) -> None:
    found = company.published(
        "select layer_before, layer_after, count(*) > 0, max(abs(difference))"
        " from reconciliation group by all order by all"
    )
    assert found == [
        ("entities", "facts", True, 0),
        ("facts", "marts", True, 0),
        ("landed", "raw", True, 0),
        ("raw", "entities", True, 0),
    ]


def test_landing_explains_rejected_rows_twins_and_restated_rows(company: Company) -> None:
    """Seven lines a night: one unreadable, one twin; five of the first night were restated."""
    assert lines(company, "stream = 'applications' and layer_before = 'landed'") == [
        ("05-30", "rows", 7, 1, 0, 6, 0, 0, 0, 0, 0),
        ("05-31", "rows", 7, 1, 0, 1, 0, 0, 0, 0, 5),
    ]


def test_two_spellings_of_one_platform_are_one_ad(company: Company) -> None:
    assert lines(company, "stream = 'ad_performance'") == [
        ("03-05", "rows", 3, 0, 0, 1, 0, 0, 0, 0, 2),
        ("03-05", "spend", 470, 0, 0, 10, 0, 0, 0, 0, 460),
    ]


def test_marts_leave_out_test_orders_and_open_deals(company: Company) -> None:
    """The order in dollars counts as an order and has no rate, so it adds no revenue."""
    assert lines(company, "stream in ('orders', 'deals')") == [
        ("03-01", "won_deals", 1, 0, 0, 0, 0, 1, 0, 0, 0),
        ("03-01", "won_revenue", 300, 0, 0, 0, 0, 300, 0, 0, 0),
        ("03-05", "order_revenue", 107, 0, 0, 0, 7, 0, 0, 0, 100),
        ("03-05", "orders", 2, 0, 0, 0, 1, 0, 0, 0, 1),
    ]


def test_readings_of_days_that_are_counted_and_posts_that_are_only_measured(
    company: Company,
) -> None:
    assert lines(company, "source = 'file_drop' and stream in ('posts', 'post_metrics')") == [
        ("03-10", "rows", 3, 0, 0, 0, 0, 0, 1, 0, 2),
        (None, "rows", 0, 0, 0, 0, 0, 0, 0, 1, 1),
    ]


def test_cost_without_a_goal_is_in_no_mart(company: Company) -> None:
    found = company.published(
        "select strftime(day, '%m-%d'), value_before, without_goal, cast(value_after as varchar)"
        " from reconciliation where measure = 'cost' and without_goal <> 0"
    )
    # 1,000 for design over 31 days; lunch; ads of a campaign nobody declared and of none
    assert found == [
        ("03-15", Decimal("82.2580"), 50, "32.2580"),
        ("04-01", 5, 5, "0.0000"),
        ("05-02", 30, 30, "0.0000"),
        ("05-03", 20, 20, "0.0000"),
    ]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("delete from raw.file_drop__applications where application_id = 'a3'",
         "file_drop.applications on 2026-05-31, rows: 7.0 in landed less 2.0 explained,"
         " plus 0.0 added, but 4.0 in raw"),
        ("insert into raw.file_drop__orders select * replace ('o9' as order_id,"
         " 'nobody' as _attempt) from raw.file_drop__orders where order_id = 'o1'",
         "file_drop.orders on no day, rows: 0.0 in landed less 0.0 explained,"
         " plus 0.0 added, but 1.0 in raw"),
        ("delete from intermediate.int_orders__unioned where order_id = 'o1'",
         "file_drop.orders on 2026-03-05, amount: 107.0 in raw less 0.0 explained,"
         " plus 0.0 added, but 7.0 in entities"),
        ("delete from marts.fct_deals where deal_id = 'd2'",
         "file_drop.deals on 2026-03-01, rows: 2.0 in entities less 0.0 explained,"
         " plus 0.0 added, but 1.0 in facts"),
        ("update marts.fct_ad_days set spend_original = 451 where ad_id = 'ad-1'"
         " and day = '2026-03-05'",
         "file_drop.ad_performance on 2026-03-05, spend: 460.0 in entities less 0.0 explained,"
         " plus 0.0 added, but 461.0 in facts"),
        ("update marts.metric_days set value = value + 0.01 where measure = 'won_revenue'",
         "all.deals on 2026-03-09, won_revenue: 500.0 in facts less 0.0 explained,"
         " plus 0.0 added, but 500.01 in marts"),
        ("update marts.metric_days set value = 8 where measure = 'likes' and value = 7",
         "all.post_metrics on 2026-03-10, likes: 157.0 in facts less 0.0 explained,"
         " plus 0.0 added, but 158.0 in marts"),
        ("insert into marts.fct_posts select * from marts.fct_posts where post_id = 'post-1'",
         "file_drop.posts on 2026-03-01, rows: 1.0 in entities less 0.0 explained,"
         " plus 0.0 added, but 2.0 in facts"),
    ],
)  # fmt: skip
def test_damage_to_a_layer_is_named(copy: Copy, damage: str, says: str) -> None:
    copy.db.execute(damage)
    assert says in copy.reconcile()


def test_a_warehouse_in_which_nothing_is_loaded_has_no_lines(copy: Copy) -> None:
    tables = copy.db.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where schema_name in ('raw', 'marts') or table_name = 'load_ledger'"
        " or starts_with(table_name, 'int_post') or ends_with(table_name, '__unioned')"
    ).fetchall()
    for (table,) in tables:
        copy.db.execute(f"delete from {table}")
    assert copy.reconcile() == ""
    assert copy.db.execute("select count(*) from marts.reconciliation").fetchall() == [(0,)]


def test_a_damaged_layer_fails_the_build_and_is_not_published(
    company: Company, tmp_path: Path
) -> None:
    broken = Company(tmp_path / "broken")
    shutil.copytree(company.folder, broken.folder, symlinks=True)
    with duckdb.connect(str(broken.folder / "data" / "warehouse.duckdb")) as db:
        db.execute("update marts.fct_orders set amount_original = 99 where order_id = 'o1'")
    done = broken.run("build", "--date", "2026-05-31", "--", "--select", "reconciliation")
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert "file_drop.orders on 2026-03-05, amount: 107.0 in entities" in said
    assert "106.0 in facts" in said
    assert broken.run("publish").returncode == 1


def test_every_system_that_becomes_an_entity_is_united_and_compared_with_raw() -> None:
    project = Path(__file__).parents[1] / "dbt_project"
    known = (project / "macros" / "sources.sql").read_text(encoding="utf-8")
    listed = known.partition("macro conformed_systems")[2].partition("endmacro")[0]
    united = {
        (system, entity)
        for system, names in re.findall(r"'(\w+)': \[([^\]]+)\]", listed)
        for entity in re.findall(r"\w+", names)
    }
    files = (project / "models" / "staging").glob("*/int_*__*.sql")
    spelled = {tuple(file.stem.removeprefix("int_").split("__")) for file in files}
    assert ("greenhouse", "applications") in spelled
    named = {entity for _, entity in united}
    assert {pair for pair in spelled if pair[0] != "file_drop" and pair[1] in named} == united
    claims = {"claimed_conversions"}  # compared with nothing of ours: no reconciliation
    systems = {system for system, entity in united if entity not in claims} | {"file_drop"}
    missing = {system for system in systems if f"'source': '{system}'" not in known}
    assert not missing, f"add the main streams of {missing} to macros/sources.sql"
