"""Every rule of the SQL has dbt unit tests; here all of them run, over a company without data."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from extractors import run
from extractors.core.errors import FatalError
from tests.company import Company, parsed

# Their rows have no key. The facts and dimensions made of them do.
UNGRAINED = {
    "int_claimed_conversions__in_ads",
    "int_claimed_conversions__unioned",
    "int_ga4__claimed_conversions",
    "int_journeys__touched",
    "source_map",
    "stg_ops__rejected_rows",
}
PROJECT = Path(__file__).parents[1] / "dbt_project"
# A kept row is made anew only where int_*__changed (or the fingerprint of extractors/news.py) knows
# that what it is made of has changed: who adds an input here lets them know it (decision 0040).
KEPT_FROM = {
    "int_post_metrics__totalled": {"int_post_metrics__unioned"},
    "int_posts__resolved": {
        "int_posts__unioned", "int_post_metrics__totalled", "int_platforms__kinded",
        "int_campaigns__declared", "int_campaigns__external_ids", "int_campaigns__named",
    },
    "fct_posts": {
        "int_posts__resolved", "int_post_metrics__totalled", "metric_definitions", "stg_ops__run",
    },
    "fct_post_days": {
        "int_post_metrics__differenced", "int_posts__resolved", "stg_ops__run", "stg_ops__sources",
    },
    "int_touchpoints__resolved": {
        "int_touchpoints__unioned", "int_names__resolved", "int_campaigns__declared",
        "int_campaigns__named",
    },
    "int_conversions__last_touched": {"int_conversions__unioned", "int_touchpoints__resolved"},
    "int_conversions__attributed": {
        "int_conversions__unioned", "int_conversions__last_touched", "int_deals__lead_linked",
        "int_names__resolved", "int_campaigns__declared", "int_campaigns__named",
    },
    "fct_touchpoints": {"int_touchpoints__resolved", "int_campaigns__declared", "stg_ops__run"},
    "fct_applications": {
        "int_applications__unioned", "int_conversions__attributed", "stg_ops__run",
    },
    "fct_leads": {
        "int_leads__unioned", "int_leads__won", "int_conversions__attributed", "stg_ops__run",
    },
    "fct_deals": {
        "int_deals__unioned", "int_money__rates", "int_conversions__attributed", "stg_ops__run",
    },
    "fct_orders": {
        "int_orders__unioned", "int_money__rates", "int_conversions__attributed", "stg_ops__run",
    },
    "fct_support_requests": {
        "int_support_requests__unioned", "int_conversions__attributed", "stg_ops__run",
    },
    "int_journeys__touched": {
        "fct_applications", "fct_leads", "fct_deals", "fct_orders", "fct_support_requests",
        "int_conversions__last_touched", "int_touchpoints__resolved",
    },
    "fct_attributed_conversions": {
        "int_journeys__touched", "int_journeys__removal_effects", "int_campaigns__declared",
    },
    "int_campaigns__engaged_days": {"fct_post_days"},
    "metric_days": {
        "fct_account_days", "fct_ad_days", "fct_applications", "fct_leads", "fct_deals",
        "fct_orders", "fct_support_requests", "fct_post_days", "int_clicks__unified",
        "int_costs__unified", "int_revenue__unified",
    },
    "kpi_values": {
        "metric_days", "kpi_definitions", "poisson_bounds", "int_kpis__targets_spread",
        "stg_ops__run",
    },
}  # fmt: skip
# what says that rows are to be made anew: models/intermediate/changed
TELLING = {file.stem for file in (PROJECT / "models/intermediate/changed").glob("*.sql")}


def written() -> set[str]:
    """Return the names of all unit tests in the project's YAML files."""
    files = [yaml.safe_load(file.read_text("utf-8")) for file in PROJECT.glob("models/**/*.yml")]
    return {test["name"] for file in files for test in (file or {}).get("unit_tests", [])}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build and publish a company without data, unit tests included; return its data folder."""
    company = Company(tmp_path_factory.mktemp("rules"))
    settings = company.settings("sources: {file_drop: {}}\n")
    with parsed(company.folder / "data" / "dbt" / "target"):
        run.build(settings, "2026-06-30", ("--exclude-resource-type", "test"))
    run.publish(settings)
    return company.folder / "data"


def test_every_unit_test_runs_and_passes(built: Path) -> None:
    results = built / "dbt" / "target" / "run_results.json"
    rows = json.loads(results.read_text(encoding="utf-8"))["results"]
    passed = {
        row["unique_id"].rsplit(".", 1)[1]
        for row in rows
        if row["unique_id"].startswith("unit_test.") and row["status"] == "pass"
    }
    assert passed == written()
    assert len(passed) > 40


def test_every_table_and_column_that_is_published_is_described(built: Path) -> None:
    tables = json.loads((built / "published" / "catalog.json").read_text("utf-8"))["tables"]
    assert len(tables) > 30
    silent = [
        f"{table['name']}.{column['name']}"
        for table in tables
        for column in table["columns"]
        if not column["description"]
    ]
    assert silent == []
    ungrained = [t["name"] for t in tables if not t["description"].startswith("One row per ")]
    assert ungrained == []


def test_every_model_says_what_one_row_is(built: Path) -> None:
    manifest = json.loads((built / "dbt" / "target" / "manifest.json").read_text("utf-8"))
    rows = [n for n in manifest["nodes"].values() if n["resource_type"] in ("model", "seed")]
    assert len(rows) > 200
    without = {node["name"] for node in rows if not node["config"]["meta"].get("grain")}
    assert without == UNGRAINED


def test_what_a_kept_row_is_made_of_is_known(built: Path) -> None:
    nodes = json.loads((built / "dbt" / "target" / "manifest.json").read_text("utf-8"))["nodes"]
    read = {
        name: {
            one.rsplit(".", 1)[1]
            for one in nodes[f"model.beyond_likes.{name}"]["depends_on"]["nodes"]
        }
        for name in KEPT_FROM
    }
    assert {name: inputs - TELLING for name, inputs in read.items()} == KEPT_FROM


def test_rows_that_break_the_grain_end_the_build(built: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built, data, ignore=shutil.ignore_patterns("published", "releases"))
    with duckdb.connect(str(data / "warehouse.duckdb")) as db:
        rows = "('*', 'Fax', 'fax'), ('*', 'Fax', 'phone'), ('zendesk', null, 'phone')"
        db.execute(f"insert into raw.company__source_map (system, value, platform) values {rows}")
    settings = shutil.copy(built.parent / "sources.yml", tmp_path)
    promise = (
        'stg_company__source_map: 2 keys break its promise "One row per system, value": *, Fax'
    )
    with pytest.raises(FatalError, match=re.escape(promise)):
        run.build(settings, "2026-06-30", ("--select", "stg_company__source_map"))


def test_every_published_table_has_a_reader_and_an_owner(built: Path) -> None:
    manifest = json.loads((built / "dbt" / "target" / "manifest.json").read_text("utf-8"))
    tables = json.loads((built / "published" / "catalog.json").read_text("utf-8"))["tables"]
    exposed = {
        node.rsplit(".", 1)[1]
        for exposure in manifest["exposures"].values()
        if exposure["name"] == "published_copy"
        for node in exposure["depends_on"]["nodes"]
    }
    assert exposed == {table["name"] for table in tables}
    marts = [n for n in manifest["nodes"].values() if n["schema"].endswith("marts")]
    assert {n["name"] for n in marts if n["resource_type"] == "model" and not n["group"]} == set()
    kpis = [m for m in manifest["metrics"].values() if m["config"]["meta"].get("kpi")]
    assert {m["name"] for m in kpis if not m["config"]["group"]} == set()
