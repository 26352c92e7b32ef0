"""A published release made by hand: the columns that the alerts read, and rows a test names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

Rows = Sequence[Mapping[str, Any]]

COLUMNS = {
    "kpi_scorecard": """
        kpi varchar, label varchar, goal varchar, department varchar, owner varchar,
        contact varchar, slice varchar, slice_value varchar, period_start date, value double,
        lower_95 double, upper_95 double, unit varchar, direction varchar, target double,
        status varchar, off_target_since date, last_review date, next_review date""",
    "kpi_values": """
        kpi varchar, period_grain varchar, period_start date, slice varchar, slice_value varchar,
        numerator double, denominator double, value double, lower_95 double, upper_95 double,
        unit varchar, mature boolean, target double, direction varchar, status varchar""",
    "kpi_definitions": "kpi varchar, interval_method varchar",
    "kpi_campaigns": """
        campaign varchar, goal varchar, department varchar, outcomes double, outcome_rate double,
        rated_by varchar, peer_group varchar, campaigns_in_group bigint,
        engagement_percentile double,
        vanity_verdict varchar""",
    "data_coverage": """
        department varchar, source varchar, stream varchar, contact_name varchar, contact varchar,
        status varchar, last_success timestamp, last_error varchar, freshness_days bigint,
        rejected_rows bigint, rejected_share double, drift varchar, note varchar""",
    "kpi_review_effects": """
        review_date date, kpi varchar, campaign varchar, lever varchar, decision varchar,
        unit varchar, effect_kind varchar, effect double, effect_lower_95 double,
        effect_upper_95 double, verdict varchar, is_final boolean, improved boolean,
        detectable_effect double, verdict_vs_control varchar, judged_from date""",
}
HR = {"department": "HR", "owner": "Ada", "contact": "ada@acme.example"}
HIRES = {
    "kpi": "hires", "label": "Hires", "goal": "recruiting", **HR, "slice": "channel_kind",
    "slice_value": "social", "period_start": date(2026, 10, 1), "value": 8, "lower_95": 3.45,
    "upper_95": 15.76, "unit": "count", "direction": "up", "target": 20, "status": "off_target",
    "off_target_since": date(2026, 9, 1),
}  # fmt: skip
SEPTEMBER = {
    "kpi": "hires", "period_grain": "month", "period_start": date(2026, 9, 1),
    "slice": "channel_kind", "slice_value": "social", "numerator": 9, "value": 9,
    "lower_95": 4.12, "upper_95": 17.08, "unit": "count", "mature": True, "target": 20,
    "direction": "up", "status": "off_target",
}  # fmt: skip
OCTOBER = {
    **SEPTEMBER, "period_start": date(2026, 10, 1), "numerator": 8, "value": 8,
    "lower_95": 3.45, "upper_95": 15.76,
}  # fmt: skip
DOGS = {
    "campaign": "Office Dogs", "goal": "recruiting", "department": "HR", "outcomes": 7,
    "outcome_rate": 0.0013, "rated_by": "impressions", "campaigns_in_group": 5,
    "peer_group": "recruiting on linkedin by impressions",
    "engagement_percentile": 100, "vanity_verdict": "confirmed",
}  # fmt: skip
ZENDESK = {
    "department": "support", "source": "zendesk", "stream": "tickets", "contact_name": "Bo",
    "contact": "bo@acme.example", "status": "stale", "freshness_days": 6,
    "last_success": "2026-11-16 03:05:00", "rejected_rows": 0, "rejected_share": 0,
}  # fmt: skip


def release(home: Path, day: str, **tables: Rows) -> None:
    """Publish these rows, all other tables empty; `hires=True` is what most tests want."""
    folder = home / "releases" / f"{day}_{len(list(home.glob('releases/*')))}"
    folder.mkdir(parents=True)
    (folder / "catalog.json").write_text(json.dumps({"business_date": day}))
    with duckdb.connect(str(folder / "marts.duckdb")) as db:
        for name, columns in COLUMNS.items():
            db.execute(f"create table {name} ({columns})")
            for row in tables.get(name, ()):
                marks = ", ".join("?" for _ in row)
                names = ", ".join(row)
                db.execute(f"insert into {name} ({names}) values ({marks})", list(row.values()))
    link = home / "published"
    link.unlink(missing_ok=True)
    link.symlink_to(folder)


def off_target(**changed: Any) -> dict[str, Rows]:
    """Return the tables of one KPI that missed its target in September and October."""
    month = {key: value for key, value in changed.items() if key in OCTOBER}
    return {
        "kpi_scorecard": [{**HIRES, **changed}],
        "kpi_values": [{**SEPTEMBER, **month}, {**OCTOBER, **month}],
        "kpi_definitions": [{"kpi": "hires", "interval_method": "count"}],
    }
