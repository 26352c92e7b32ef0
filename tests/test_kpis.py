"""The metrics layer: every KPI defined once, and MetricFlow gives the same figures."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest
import yaml

from tests import kpi_warehouse, warm
from tests.company import parsed

PROJECT = Path(__file__).parents[1] / "dbt_project"
METRICS = PROJECT / "models" / "metrics"
HOW_TO = Path(__file__).parents[1] / "docs" / "how-to" / "add-a-kpi.md"
MEASURE = HOW_TO.with_name("add-a-measure.md")
CHANGE = HOW_TO.with_name("change-a-kpi.md")
DBT = Path(sys.executable).with_name("dbt")
SELECT = (
    *(
        f"path:models/{folder}"
        for folder in (
            *("metrics", "marts/kpi", "marts/funnels", "marts/levers"),
            *("intermediate/reviews", "marts/reviews", "intermediate/coverage"),
        )
    ),
    *("poisson_bounds", "goals", "metric_definitions", "metric_breaks"),
    *("int_campaigns__engaged_days", "int_campaigns__engagement_rated"),
    "int_campaigns__sums_broken",
)
Answer: TypeAlias = tuple[list[str], list[list[Any]]]


def defined(kind: str, folder: Path = METRICS) -> list[dict[str, Any]]:
    files = [yaml.safe_load(file.read_text("utf-8")) for file in sorted(folder.glob("*.yml"))]
    return [one for file in files for one in file.get(kind, [])]


def kpis(folder: Path = METRICS) -> list[str]:
    metas = [
        (one["name"], one.get("config", {}).get("meta", {})) for one in defined("metrics", folder)
    ]
    return sorted(name for name, meta in metas if meta.get("kpi"))


def test_metric_days_names_the_fact_of_each_semantic_model() -> None:
    text = (METRICS / "metric_days.sql").read_text(encoding="utf-8")
    named = {line.split("ref('")[1].split("'")[0] for line in text.splitlines() if "ref('" in line}
    facts = {model["model"].split("'")[1] for model in defined("semantic_models")}
    assert named == facts


def test_nothing_that_cannot_be_added_up_is_a_measure() -> None:
    names = {
        measure["name"] for model in defined("semantic_models") for measure in model["measures"]
    }
    assert not {"reach", "followers"} & names
    platform = {"impressions", "likes", "comments", "shares", "clicks", "spend"}
    assert platform <= names
    used = {metric["name"] for metric in defined("metrics") if metric.get("config")}
    assert not platform & used


KPIS = [
    "qualified_applications",
    "qualification_rate",
    "application_to_hire_rate",
    "hires",
    "cost_per_qualified_application",
    "cost_per_hire",
    "click_to_application_rate",
    "offer_acceptance_rate",
    "time_to_hire_days",
    "leads",
    "qualified_lead_rate",
    "lead_to_win_rate",
    "won_revenue",
    "cost_per_lead",
    "cost_per_won_deal",
    "return_on_ad_spend",
    "support_requests",
    "resolved_requests",
    "resolution_rate",
    "hours_to_resolution",
    "hours_to_first_response",
    "satisfaction",
    "orders",
    "order_revenue",
    "average_order_value",
    "new_customer_share",
    "click_to_order_rate",
    "cost_per_order",
]


def test_every_kpi_of_the_design_is_defined_once() -> None:
    found = kpis()
    assert len(found) == len(set(found))
    assert set(KPIS) <= set(found)


class Warehouse:
    """A filled warehouse with the metrics layer built on it, and the project copy that did it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "warehouse.duckdb"
        self.project = folder / "dbt_project"

    @cached_property
    def kpis(self) -> list[str]:
        return kpis(self.project / "models" / "metrics")

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "BEYOND_LIKES_WAREHOUSE": str(self.file),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        target = self.project / "target"
        with parsed(target):
            return warm.run(
                [
                    *(str(DBT), "--no-use-colors", "--log-path", str(self.folder / "logs")),
                    *(*arguments, "--project-dir", str(self.project)),
                    *("--profiles-dir", str(self.project), "--target", "night"),
                    *("--target-path", str(target)),
                ],
                cwd=self.folder,
                env=self.env,
            )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.file), read_only=True) as db:
            rows: list[tuple[Any, ...]] = db.execute(sql).fetchall()
            return rows


def follow_the_how_to(file: Path) -> None:
    """Add to `file` what the how-tos say, where they say so, unless it is there."""
    text = HOW_TO.read_text(encoding="utf-8") + MEASURE.read_text(encoding="utf-8")
    first, measure, second = (part.split("```")[0] for part in text.split("```yaml\n")[1:])
    for block, after in ((measure, "    measures:\n"), (first, ""), (second, "")):
        old = file.read_text(encoding="utf-8")
        head, line, tail = old.partition(after) if after else (old, "", "")
        if block.split("name: ")[1].split()[0].rstrip(",") + "\n" not in old.replace(",", "\n"):
            file.write_text(head + line + block + tail, encoding="utf-8")


def keep_the_old_version(file: Path) -> None:
    """Change qualification_rate in `file` as docs/how-to/change-a-kpi.md says."""
    old, words = (part.split("```")[0] for part in CHANGE.read_text("utf-8").split("```yaml\n")[1:])
    text = file.read_text(encoding="utf-8")
    head, name, tail = text.partition("  - name: qualification_rate\n")
    tail = tail.replace("numerator: applications_qualified", "numerator: applications_hired", 1)
    tail = tail.replace("        headline: social\n", "        headline: social\n" + words, 1)
    file.write_text(head + name + tail + old, encoding="utf-8")


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Build the metrics layer once with its data tests; test_rules runs the unit tests."""
    built = Warehouse(tmp_path_factory.mktemp("kpis"))
    ignore = shutil.ignore_patterns("target", "logs", "dbt_packages")
    shutil.copytree(PROJECT, built.project, ignore=ignore)
    follow_the_how_to(built.project / "models" / "metrics" / "recruiting.yml")
    keep_the_old_version(built.project / "models" / "metrics" / "recruiting.yml")
    kpi_warehouse.write(built.file)
    options = ("--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
    done = built.dbt("build", *options, "--select", *SELECT)
    assert done.returncode == 0, done.stdout
    return built


def test_each_measure_counts_on_its_own_day(warehouse: Warehouse) -> None:
    """One application of 2026-01-31, offered on 02-01, hired on 02-02; one with nothing known."""
    found = warehouse.query(
        "select day::varchar, campaign, measure, value from marts.metric_days"
        " where platform = 'by hand' order by all"
    )
    assert found == [
        ("2026-01-31", "by hand", "applications", 2),
        ("2026-01-31", "by hand", "applications_hired", 1),
        ("2026-01-31", "by hand", "applications_of_recruiting_campaigns", 1),
        ("2026-01-31", "by hand", "applications_qualified", 1),
        ("2026-01-31", "by hand", "applications_rejected", 1),
        ("2026-02-01", "by hand", "offers", 1),
        ("2026-02-01", "by hand", "offers_accepted", 1),
        ("2026-02-02", "by hand", "hires", 1),
        ("2026-02-02", "by hand", "hires_with_duration", 1),
        ("2026-02-02", "by hand", "seconds_to_hire", 100),
        ("2026-02-02", "by hand", "seconds_to_hire_squared", 10000),
    ]


def test_what_nobody_reports_is_no_data_and_not_0(warehouse: Warehouse) -> None:
    """One application, lead, request and order, and no flag, date or amount of any of them."""
    found = warehouse.query(
        "select kpi, numerator, denominator, value from marts.kpi_values"
        " where period_grain = 'all' and slice = 'platform' and slice_value = 'unreported'"
        " order by kpi"
    )
    assert found == [
        ("application_to_hire_rate", None, 1, None),
        ("average_order_value", None, 1, None),
        ("cost_per_application", None, 1, None),
        ("cost_per_lead", None, 1, None),
        ("cost_per_order", None, 1, None),
        ("lead_to_win_rate", 0, 1, 0),
        ("leads", 1, None, 1),
        ("orders", 1, None, 1),
        ("qualification_rate", None, 1, None),
        ("qualification_rate_v1", None, 1, None),
        ("qualified_lead_rate", None, 1, None),
        ("rejection_rate", 0, 1, 0),
        ("resolution_rate", None, 1, None),
        ("support_requests", 1, None, 1),
    ]


def test_published_figures_have_types_that_readers_know(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "select distinct data_type from information_schema.columns where table_schema = 'marts'"
        " and (table_name like 'kpi_%' or table_name in ('metric_days', 'data_coverage'))"
    )
    known = {"BIGINT", "BOOLEAN", "DATE", "DECIMAL(38,6)", "DOUBLE", "INTEGER", "TIMESTAMP"}
    assert {kind for (kind,) in found} <= known | {"VARCHAR"}


def test_the_scorecard_lists_every_kpi(warehouse: Warehouse) -> None:
    found = warehouse.query("select kpi from marts.kpi_scorecard order by kpi")
    assert [kpi for (kpi,) in found] == [k for k in warehouse.kpis if not k.endswith("_v1")]


def test_a_changed_kpi_keeps_its_old_version(warehouse: Warehouse) -> None:
    """Of three applications by hand one is qualified, and that one was hired; 4,000 others."""
    found = warehouse.query(
        "select kpi, version_of, is_current, version, valid_from::varchar, valid_to::varchar,"
        " change from marts.kpi_definitions where version_of = 'qualification_rate' order by kpi"
    )
    change = "Only applications that ended in a hire count as qualified."
    assert found == [
        ("qualification_rate", "qualification_rate", True, 2, "2026-07-01", None, change),
        ("qualification_rate_v1", "qualification_rate", False, 1, None, "2026-06-30", None),
    ]
    figures = warehouse.query(
        "select kpi, numerator, denominator from marts.kpi_values"
        " where kpi like 'qualification_rate%' and period_grain = 'all' and slice = 'total'"
    )
    qualified, hired = "i % 4 = 0 and i % 11 <> 0", "i % 18 = 0"
    counted = warehouse.query(
        f"select count(*) filter ({qualified}) + 1, count(*) filter ({hired}) + 1, count(*) + 3"
        " from range(4000) as t(i)"
    )[0]
    assert sorted(figures) == [
        ("qualification_rate", counted[1], counted[2]),
        ("qualification_rate_v1", counted[0], counted[2]),
    ]
    shown = warehouse.query(
        "select version, definition_since::varchar, definition_change from marts.kpi_scorecard"
        " where kpi = 'qualification_rate'"
    )
    assert shown == [(2, "2026-07-01", change)]


def test_kpis_added_by_the_how_to_are_there(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "select kpi, numerator, denominator, value from marts.kpi_values"
        " where period_grain = 'all' and slice = 'platform' and slice_value = 'by hand'"
        " and kpi in ('cost_per_application', 'rejection_rate') order by kpi"
    )
    # two applications by hand, one of them rejected; no cost
    assert found == [
        ("cost_per_application", None, 2, None),
        ("rejection_rate", 1, 2, 0.5),
    ]


@pytest.mark.parametrize(
    ("table", "kpi", "above", "below"),
    [
        ("kpi_recruiting_funnel", "application_to_hire_rate", "hired", "applied"),
        ("kpi_recruiting_funnel", "qualification_rate_v1", "qualified", "applied"),
        ("kpi_sales_funnel", "lead_to_win_rate", "won", "lead"),
        ("kpi_sales_funnel", "qualified_lead_rate", "qualified", "lead"),
    ],
)
def test_a_funnel_adds_up_to_its_kpi(
    warehouse: Warehouse, table: str, kpi: str, above: str, below: str
) -> None:
    found = warehouse.query(
        f"select month, sum(reached) filter (stage = '{above}'),"
        f" sum(reached) filter (stage = '{below}') from marts.{table} group by month"
    )
    expected = warehouse.query(
        "select period_start, numerator, denominator from marts.kpi_values"
        f" where kpi = '{kpi}' and period_grain = 'month' and slice = 'total'"
    )
    assert len(expected) > 5
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("table", "where", "kpi", "above", "below"),
    [
        ("kpi_support_channels", "level = 'platform'", "resolution_rate", "resolved", "requests"),
        ("kpi_commerce", "true", "average_order_value", "order_revenue", "orders"),
        ("kpi_commerce", "true", "cost_per_order", "cost", "orders"),
    ],
)
def test_a_channels_figures_are_its_kpis(
    warehouse: Warehouse, table: str, where: str, kpi: str, above: str, below: str
) -> None:
    channel = "channel" if table == "kpi_support_channels" else "platform"
    found = warehouse.query(
        f"select month, {channel}, sum({above})::double, sum({below})::double from marts.{table}"
        f" where {where} group by all"
    )
    expected = warehouse.query(
        "select period_start, slice_value, numerator, denominator from marts.kpi_values"
        f" where kpi = '{kpi}' and period_grain = 'month' and slice = 'platform'"
    )
    assert len(expected) > 15
    assert sorted(found) == sorted(expected)


# The figures of one query each: all KPIs at once by total, and by the slices that they share.
QUERIES = [
    ("month", "total", None),
    ("month", "platform", "platform"),
    ("month", "campaign", "campaign"),
    ("month", "channel_kind", "channel_kind"),
    ("month", "audience", "audience"),
    ("month", "message", "message"),
]
# What MetricFlow must refuse to add up over days.
PEOPLE = ("reach", "followers")
ASK = """
import gc, json, pathlib, sys
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
gc.disable()  # it ends before there is much to collect
here = pathlib.Path.cwd()
config = CLIConfiguration()
config.setup(dbt_profiles_path=here, dbt_project_path=here, configure_file_logging=False)
answers = []
for metrics, group_by in json.loads(sys.argv[1]):
    request = MetricFlowQueryRequest.create(
        metric_names=metrics, group_by_names=group_by)
    try:
        table = config.mf.query(request).result_df
        answers.append([list(table.column_names), [list(row) for row in table.rows]])
    except Exception as refused:
        answers.append([["refused"], [[str(refused)]]])
print("ANSWERS" + json.dumps(answers, default=str))
"""


@pytest.fixture(scope="session")
def answers(warehouse: Warehouse) -> list[Answer]:
    """Ask MetricFlow, in a process of its own: it keeps the warehouse open."""
    asked = [
        (warehouse.kpis, [f"metric_time__{grain}", *([entity] if entity else [])])
        for grain, _, entity in QUERIES
    ]
    asked += [([people], ["metric_time__month"]) for people in PEOPLE]
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(asked)],
        cwd=warehouse.project,
        env=warehouse.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ANSWERS" in done.stdout, done.stdout[-3000:] + done.stderr[-3000:]
    return [(columns, rows) for columns, rows in json.loads(done.stdout.split("ANSWERS")[1])]


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_metricflow_gives_the_same_figures(
    warehouse: Warehouse, answers: list[Answer], number: int
) -> None:
    grain, slice_name, entity = QUERIES[number]
    columns, rows = answers[number]
    theirs: dict[tuple[str, str, str], float] = {}
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        period, value = cells[f"metric_time__{grain}"], cells[entity] if entity else "all"
        if period is not None:
            theirs |= {
                (kpi, str(period)[:10], value): float(cells[kpi])
                for kpi in warehouse.kpis
                if cells[kpi] is not None
            }
    found = warehouse.query(
        "select kpi, period_start::varchar, slice_value, value from marts.kpi_values"
        f" where period_grain = '{grain}' and slice = '{slice_name}' and value is not null"
    )
    ours = {(kpi, start, value): figure for kpi, start, value, figure in found}
    assert ours.keys() == theirs.keys()
    # by the formulas of these facts no audience has sales costs and won deals
    without = {"cost_per_won_deal"} if entity in ("audience", "message") else set()
    assert {kpi for kpi, _, _ in ours} == set(warehouse.kpis) - without
    wrong = {key for key in ours if not math.isclose(ours[key], theirs[key], rel_tol=1e-12)}
    assert not wrong


@pytest.mark.parametrize("number", range(len(PEOPLE)))
def test_metricflow_refuses_to_add_people_up(answers: list[Answer], number: int) -> None:
    columns, rows = answers[len(QUERIES) + number]
    assert columns == ["refused"]
    assert PEOPLE[number] in rows[0][0]
    assert "match" in rows[0][0]


def test_a_measure_that_adds_people_up_stops_the_build(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    broken = Warehouse(tmp_path)
    shutil.copytree(warehouse.project, broken.project)
    file = broken.project / "models" / "metrics" / "social.yml"
    first = "      - name: impressions\n"
    before, name, after = file.read_text(encoding="utf-8").partition(first)
    # a word in quotes is a value and no column
    expr = "case when platform <> 'followers' then days.reach end"
    line = f"      - {{name: people_reached, description: x, agg: sum, expr: {expr}}}\n"
    file.write_text(before + line + name + after, encoding="utf-8")
    shutil.copy(warehouse.file, broken.file)
    done = broken.dbt("compile", "--select", "metric_days")
    assert done.returncode != 0
    words = " ".join(done.stdout.split())
    assert "measure people_reached: reach cannot be added up over days" in words


def test_a_break_names_the_measure_that_a_chart_shows(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "select distinct entity, measure, day_measure from marts.metric_breaks"
        " where platform in ('facebook', 'youtube') order by all"
    )
    assert found == [
        ("account_metrics", "followers", None),
        ("ad_performance", "conversions", None),
        ("post_metrics", "impressions", "impressions"),
        ("post_metrics", "reach", None),
        ("post_metrics", "video_views", "video_views"),
        ("post_metrics", "views", "views"),
    ]


@pytest.mark.parametrize(
    ("platform", "measure", "day"),
    [
        ("instagram", "impressions", "2025-04-21"),
        ("instagram", "views", "2025-04-21"),
        ("facebook", "impressions", "2025-11-15"),
        ("facebook", "followers", "2025-11-15"),
        ("youtube", "video_views", "2025-03-31"),
    ],
)
def test_a_break_is_marked(warehouse: Warehouse, platform: str, measure: str, day: str) -> None:
    found = warehouse.query(
        "select cast(break_on as varchar) from marts.metric_breaks"
        f" where platform = '{platform}' and measure = '{measure}'"
    )
    assert (day,) in found
