"""Conversions and touchpoints made by a test, and the attribution models as dbt compiled them.

dbt builds the models once on an empty warehouse (its own tests and unit tests run along); each test
then runs the compiled SQL over its own rows, in memory.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tests import warm
from tests.company import parsed

PROJECT = Path(__file__).parents[1] / "dbt_project"
DBT = Path(sys.executable).with_name("dbt")
SELECT = (
    "int_conversions__last_touched",
    "path:models/intermediate/journeys",
    "fct_attributed_conversions",
    "kpi_attribution",
)
# Model → schema, in the order in which they read each other.
MODELS = {
    "int_conversions__last_touched": "intermediate",
    "int_journeys__touched": "intermediate",
    "int_journeys__removal_effects": "intermediate",
    "fct_attributed_conversions": "marts",
    "kpi_attribution": "marts",
}
# Kind → fact, key, moment, day, further columns.
FACTS = {
    "application": ("fct_applications", "application_id", "applied_at", "applied_on", ""),
    "lead": ("fct_leads", "lead_id", "created_at", "created_on", ""),
    "deal": ("fct_deals", "deal_id", "created_at", "closed_on", ", amount, counts as won"),
    "order": ("fct_orders", "order_id", "ordered_at", "ordered_on", ", amount, counts as is_order"),
    "support_request": ("fct_support_requests", "request_id", "opened_at", "opened_on", ""),
}
BUSINESS_DATE = "2026-07-31"
NOBODY = ("unattributed", "unassigned")


@dataclass(frozen=True)
class Conversion:
    """One conversion and the answer that the rules gave it."""

    kind: str
    key: str
    person: str | None
    moment: datetime
    platform: str = "unattributed"
    campaign: str = "unassigned"
    channel_kind: str = "unknown"
    amount: float | None = None
    counts: bool | None = True


@dataclass(frozen=True)
class Touch:
    """One touchpoint, as resolved; the system is always `web`."""

    key: str
    person: str | None
    moment: datetime
    platform: str
    campaign: str
    channel_kind: str = "social"
    is_telling: bool = True


def write(
    db: duckdb.DuckDBPyConnection,
    conversions: Sequence[Conversion] = (),
    touches: Sequence[Touch] = (),
) -> None:
    """Make the tables that the models read, in the database that `db` uses."""
    for schema in ("intermediate", "marts", "staging", "rows"):
        db.execute(f"create schema {schema}")
    db.execute("""
        create table rows.conversions (kind varchar, key varchar, person varchar, moment timestamp,
            platform varchar, campaign varchar, channel_kind varchar, amount decimal(18, 4),
            counts boolean);
        create table rows.touches (key varchar, person varchar, moment timestamp, platform varchar,
            campaign varchar, channel_kind varchar, is_telling boolean)
    """)
    insert(db, "rows.conversions", conversions)
    insert(db, "rows.touches", touches)
    for kind, (fact, key, moment, day, more) in FACTS.items():
        db.execute(f"""
            create view marts.{fact} as
            select 'sys' as system, key as {key}, person, platform, campaign, channel_kind,
                moment as {moment}, cast(moment as date) as {day}{more}
            from rows.conversions where kind = '{kind}'
        """)
    db.execute(f"""
        create view intermediate.int_conversions__unioned as
        select kind as conversion_kind, 'sys' as system, key as conversion_id, person,
            moment as converted_at
        from rows.conversions;
        create view intermediate.int_touchpoints__resolved as
        select 'web' as system, key as touch_id, person, moment as touched_at, platform, campaign,
            channel_kind, is_telling
        from rows.touches;
        create table intermediate.int_campaigns__declared as
        select 'A' as campaign, 'sales' as goal, 'nurses' as audience, 'team' as message;
        create view marts.dim_campaigns as
        select campaign, goal from intermediate.int_campaigns__declared;
        create table marts.metric_days (measure varchar, platform varchar, campaign varchar,
            value decimal(38, 6));
        create table staging.stg_ops__run as
        select date '{BUSINESS_DATE}' as business_date, 'UTC' as timezone, 'EUR' as currency
    """)


def insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Any]) -> None:
    """Insert dataclasses in the order of their fields."""
    if rows:
        columns = zip(*(vars(row).values() for row in rows), strict=True)
        parts = [list(column) for column in columns]
        marks = ", ".join("unnest(?)" for _ in parts)
        db.execute(f"insert into {table} select {marks}", parts)


@dataclass(frozen=True)
class Compiled:
    """The models' SQL, and dbt's results of the build that compiled it."""

    sql: dict[str, str]
    results: Path

    def run(self, db: duckdb.DuckDBPyConnection) -> None:
        """Build the models over the tables that `write` or a test made."""
        for model, schema in MODELS.items():
            db.execute(f"create or replace table {schema}.{model} as {self.sql[model]}")


def connect() -> duckdb.DuckDBPyConnection:
    """Open an empty database in memory, under the name that the compiled SQL knows."""
    db = duckdb.connect()
    db.execute("attach ':memory:' as warehouse; use warehouse; set timezone = 'UTC'")
    return db


def compile_models(folder: Path) -> Compiled:
    """Build the models with dbt on an empty warehouse and read what it ran."""
    project = folder / "dbt_project"
    ignore = shutil.ignore_patterns("target", "logs", "dbt_packages")
    shutil.copytree(PROJECT, project, ignore=ignore)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as db:
        write(db)
    target = folder / "target"
    with parsed(target):
        done = warm.run(
            [
                *(str(DBT), "--no-use-colors", "--log-path", str(folder / "logs"), "build"),
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target", "night", "--target-path", str(target), "--select", *SELECT),
            ],
            cwd=folder,
            env=os.environ,
        )
    assert done.returncode == 0, done.stdout
    files = (target / "compiled").rglob("*.sql")
    # a unit test's SQL lies in a folder named after its YAML file
    own = {f.stem: f for f in files if not any(part.endswith(".yml") for part in f.parts)}
    sql = {name: own[name].read_text("utf-8") for name in (*MODELS, "attribution_adds_up")}
    return Compiled(sql, target / "run_results.json")
