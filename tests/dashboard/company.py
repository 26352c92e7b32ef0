"""A small published company, written by hand: every figure on its page can be found here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
DAY = date(2026, 11, 22)
OCTOBER = date(2026, 10, 1)
TEXT, REAL, DATE, WHOLE, FLAG = "varchar", "double", "date", "bigint", "boolean"
KINDS = {
    "period_start": DATE, "definition_since": DATE, "off_target_since": DATE, "last_review": DATE,
    "next_review": DATE, "review_date": DATE, "effective_from": DATE, "judged_from": DATE,
    "break_on": DATE, "month": DATE, "month_start": DATE, "starts": DATE, "ends": DATE,
    "last_success": "timestamp", "mature": FLAG, "is_final": FLAG, "is_current": FLAG,
    "is_declared": FLAG, "is_day_exact": FLAG, "stage_number": WHOLE, "weeks": WHOLE,
    "maturity_days": WHOLE, "lever_rank": WHOLE, "levers_in_group": WHOLE, "reached": WHOLE,
    "rejected_rows": WHOLE, "negative_durations": WHOLE, "likely_double_entries": WHOLE,
    "freshness_days": WHOLE, "requests": WHOLE,
    **dict.fromkeys(
        ("numerator", "denominator", "value", "lower_95", "upper_95", "target", "beside_value",
         "likes", "comments", "shares", "clicks", "outcomes", "outcome_rate", "cost_per_outcome",
         "engagement_rate", "engagement_percentile", "outcome_percentile", "vanity_gap", "trials",
         "shrunk_rate",
         "shrunk_lower_95", "shrunk_upper_95", "prior_rate", "effect", "effect_lower_95",
         "effect_vs_control", "effect_vs_control_lower_95", "effect_vs_control_upper_95",
         "effect_upper_95", "before_value", "after_value", "campaign_share", "resolution_rate",
         "resolution_rate_lower_95", "resolution_rate_upper_95", "hours_to_first_response",
         "hours_to_resolution", "conventional_resolution_rate", "difference",
         "difference_lower_95", "difference_upper_95", "conversions", "actual_to_date",
         "projection_lower_95", "projection_upper_95", "orders", "order_revenue", "cost"),
        REAL,
    ),
}  # fmt: skip
TABLES = {
    "kpi_scorecard": "kpi label description definition_since definition_change goal department"
    " owner contact slice slice_value period_start numerator denominator value lower_95 upper_95"
    " unit direction target status off_target_since beside_slice_value beside_value next_review",
    "kpi_definitions": "kpi description interval_method maturity_days numerator_measure"
    " denominator_measure formula is_current",
    "kpi_values": "kpi period_grain period_start slice slice_value numerator denominator value"
    " lower_95 upper_95 mature target status",
    "kpi_campaigns": "campaign goal platform audience is_declared likes comments shares clicks"
    " outcomes outcome_rate cost_per_outcome rated_by engagement_rate peer_group"
    " engagement_percentile outcome_percentile vanity_gap vanity_verdict",
    "kpi_levers": "goal platform audience message trials outcomes shrunk_rate shrunk_lower_95"
    " shrunk_upper_95 lever_rank levers_in_group prior_rate",
    "kpi_review_effects": "review_date kpi campaign lever decision effective_from unit direction"
    " weeks before_value after_value effect_kind effect effect_lower_95 effect_upper_95 verdict"
    " is_final control effect_vs_control effect_vs_control_lower_95 effect_vs_control_upper_95"
    " verdict_vs_control judged_from why_no_data also_changed",
    "kpi_pace": "kpi slice slice_value month_start target actual_to_date projection_lower_95"
    " projection_upper_95 status",
    "data_coverage": "department source stream contact_name contact status last_success last_error"
    " freshness_days rejected_rows drift campaign_share negative_durations unknown_values"
    " likely_double_entries note",
    "metric_breaks": "platform measure break_on is_day_exact to_meaning change day_measure",
    "utm_audit": "problem campaign thing",
    "kpi_recruiting_funnel": "month platform campaign channel_kind stage stage_number reached"
    " mature",
    "kpi_sales_funnel": "month platform campaign channel_kind stage stage_number reached mature",
    "kpi_support_channels": "month level channel channel_kind requests resolution_rate"
    " resolution_rate_lower_95 resolution_rate_upper_95 hours_to_first_response"
    " hours_to_resolution conventional_resolution_rate difference difference_lower_95"
    " difference_upper_95 verdict mature",
    "kpi_commerce": "month campaign orders order_revenue clicks cost",
    "kpi_attribution": "conversion_kind campaign model conversions",
    "dim_platforms": "platform label",
}
HISTORY = (
    (6, 41.0, 30.0, "on_target"), (7, 31.0, 45.0, "off_target"), (8, 29.0, 45.0, "off_target"),
    (9, None, 45.0, "no_data"), (10, 31.0, 45.0, "off_target"),
)  # fmt: skip


def small() -> dict[str, list[Row]]:
    """Return a company with one KPI of each status, a decision, a vanity gap and a missing silo."""
    return {
        "kpi_scorecard": [
            _kpi("qualified_applications", "Qualified applications", "recruiting", value=31,
                 numerator=31, lower_95=21, upper_95=44, target=45, status="off_target",
                 off_target_since=OCTOBER, next_review=date(2026, 11, 20), owner="HR Lead",
                 contact="hr@acme.example"),
            _kpi("cost_per_lead", "Cost per lead", "sales", value=1234.5, numerator=12345.0,
                 denominator=10, lower_95=900, upper_95=2100, target=1500, unit="currency",
                 direction="down", status="undecided", owner="Sales desk", contact="ext. 12"),
            _kpi("resolution_rate", "Resolution rate", "support", value=0.9, numerator=440,
                 denominator=489, lower_95=0.870, upper_95=0.923, target=0.85, unit="rate",
                 status="on_target", beside_slice_value="conventional", beside_value=0.831),
            _kpi("satisfaction", "Satisfaction", "support", value=4.2, unit="score",
                 status="no_target"),
            _kpi("order_revenue", "Order revenue", "commerce", unit="currency", target=40000,
                 status="no_data", period_start=None),
        ],
        "kpi_definitions": [
            _definition("qualified_applications", "count"),
            _definition("cost_per_lead", "cost_per_count"),
            _definition("resolution_rate", "wilson"), _definition("satisfaction", "none"),
            _definition("order_revenue", "none"),
        ],
        "kpi_values": [
            *(_month(n, value, target, status) for n, value, target, status in HISTORY),
            _month(11, 14.0, 45.0, "off_target", mature=False),
            _month(10, 14.0, None, "no_target", slice="platform", slice_value="facebook"),
            *(_other(kpi, value) for kpi, value in
              (("cost_per_lead", 1234.5), ("resolution_rate", 0.9), ("satisfaction", 4.2))),
        ],
        "kpi_campaigns": [
            _campaign("Be part of the team", likes=200, comments=50, outcomes=4,
                      outcome_rate=4 / 1240, engagement_rate=251 / 10000, engagement_percentile=92,
                      outcome_percentile=8, vanity_gap=84,
                      vanity_verdict="confirmed"),
            _campaign("Salary in the post", likes=23, comments=2, clicks=440, outcomes=14,
                      outcome_rate=14 / 440, engagement_rate=26 / 9000, engagement_percentile=15,
                      outcome_percentile=100, vanity_gap=-85,
                      vanity_verdict="no"),
        ],
        "kpi_levers": [
            _lever("electricians", 58, 2140, 0.026, 0.020, 0.032, 1),
            _lever("students", 7, 980, 0.009, 0.005, 0.015, 3),
            _lever("everyone", 22, 1480, 0.0151, 0.010, 0.021, 2),
        ],
        "kpi_review_effects": [
            {"review_date": date(2026, 7, 1), "kpi": "qualified_applications", "lever": "message",
             "decision": "state the salary", "effective_from": date(2026, 7, 6), "unit": "count",
             "direction": "up", "weeks": 8, "before_value": 60, "after_value": 90,
             "effect_kind": "ratio", "effect": 1.5, "effect_lower_95": 1.08,
             "effect_upper_95": 2.09, "verdict": "up", "is_final": True},
            {"review_date": date(2026, 10, 30), "kpi": "resolution_rate",
             "decision": "evening shift",
             "effective_from": date(2026, 11, 1), "unit": "rate", "direction": "up",
             "verdict": "too early", "judged_from": date(2026, 12, 13), "is_final": False},
        ],
        "data_coverage": [
            {"department": "hr", "source": "personio", "stream": "applications", "status": "ok",
             "contact_name": "HR Systems", "last_success": "2026-11-22 04:12:00",
             "freshness_days": 0, "rejected_rows": 0, "campaign_share": 0.82},
            {"department": "sales", "source": "hubspot", "stream": "contacts", "status": "stale",
             "contact_name": "CRM desk", "contact": "crm@acme.example", "freshness_days": 3,
             "last_success": "2026-11-19 04:09:00", "rejected_rows": 0},
            {"department": "commerce", "source": "none", "stream": "none",
             "status": "not_configured"},
        ],
        "metric_breaks": [],
        "kpi_recruiting_funnel": [
            _stage("social", "facebook", stage, number, reached)
            for number, (stage, reached) in enumerate(
                (("applied", 196), ("qualified", 84), ("interviewed", None), ("offered", 24),
                 ("hired", 19)), 1)
        ] + [_stage("conventional", "phone", "applied", 1, 613),
             _stage("conventional", "phone", "hired", 5, 44)],
        "kpi_support_channels": [
            {"month": OCTOBER, "level": "channel_kind", "channel": "social",
             "channel_kind": "social",
             "requests": 489, "resolution_rate": 0.9, "resolution_rate_lower_95": 0.87,
             "resolution_rate_upper_95": 0.923, "conventional_resolution_rate": 0.831,
             "difference": 0.069, "difference_lower_95": 0.036, "difference_upper_95": 0.097,
             "verdict": "better", "mature": True},
        ],
        "kpi_attribution": [
            {"conversion_kind": "application", "campaign": campaign, "model": model,
             "conversions": value}
            for campaign, values in (("Be part of the team", (9, 4, 6.3, 6.4, 5.4, 5.1)),
                                     ("Salary in the post", (11, 14, 12.6, 12.5, 13.1, 12.4)))
            for model, value in zip(("first", "last", "linear", "position", "time_decay", "markov"),
                                    values, strict=True)
        ],
        "dim_platforms": [{"platform": "facebook", "label": "Facebook"}],
    }  # fmt: skip


def empty() -> dict[str, list[Row]]:
    """Return a company on its first day: its KPIs are defined, nothing else is there."""
    return {
        "kpi_scorecard": [
            _kpi("hires", "Hires", "recruiting", status="no_data", period_start=None),
            _kpi("leads", "Leads", "sales", status="no_data", period_start=None),
        ],
        "data_coverage": [
            {"department": "hr", "source": "none", "stream": "none", "status": "not_configured"}
        ],
    }


def hostile(attack: str) -> dict[str, list[Row]]:
    """Return the small company with every name and every word that people write replaced."""
    ours = {"goal", "unit", "direction", "status", "kpi", "slice", "slice_value", "period_grain",
            "channel_kind", "level", "vanity_verdict", "rated_by", "last_success", "verdict",
            "effect_kind", "interval_method",
            "stage", "model", "conversion_kind", "beside_slice_value", "source",
            "stream"}  # fmt: skip

    def spoiled(row: Row) -> Row:
        return {k: attack if isinstance(v, str) and k not in ours else v for k, v in row.items()}

    made = {name: [spoiled(row) for row in rows] for name, rows in small().items()}
    for row in made["kpi_campaigns"]:
        row["peer_group"] = "all"
    for name, column in (("kpi_scorecard", "label"), ("kpi_campaigns", "campaign")):
        for number, row in enumerate(made[name]):
            row[column] = f"{attack}{number}"
    made["kpi_attribution"] = [
        {**row, "campaign": attack + ours["campaign"][:2]}
        for row, ours in zip(made["kpi_attribution"], small()["kpi_attribution"], strict=True)
    ]
    made["metric_breaks"] = [
        {"platform": attack, "measure": attack, "break_on": OCTOBER, "is_day_exact": True,
         "change": attack, "day_measure": attack}
    ]  # fmt: skip
    made["utm_audit"] = [{"problem": attack, "campaign": attack, "thing": attack}]
    return made


def write(file: Path, content: dict[str, list[Row]]) -> Path:
    """Write the company as a release's marts.duckdb and return the file."""
    with duckdb.connect(str(file)) as db:
        for name, columns in TABLES.items():
            kinds = ", ".join(f"{column} {KINDS.get(column, TEXT)}" for column in columns.split())
            db.execute(f"create table {name} ({kinds})")
            for row in content.get(name, []):
                marks = ", ".join("?" * len(row))
                db.execute(
                    f"insert into {name} ({', '.join(row)}) values ({marks})", [*row.values()]
                )
    return file


def _kpi(kpi: str, label: str, goal: str, **more: Any) -> Row:
    base = {"unit": "count", "direction": "up", "slice": "channel_kind", "slice_value": "social",
            "department": goal, "period_start": OCTOBER}  # fmt: skip
    return {"kpi": kpi, "label": label, "goal": goal, **base, **more}


def _definition(kpi: str, method: str) -> Row:
    return {"kpi": kpi, "description": f"What {kpi} means.", "interval_method": method,
            "maturity_days": 14, "numerator_measure": kpi, "formula": f"sum of {kpi}",
            "is_current": True}  # fmt: skip


def _month(
    number: int, value: float | None, target: float | None, status: str, *, mature: bool = True,
    slice: str = "channel_kind", slice_value: str = "social",
) -> Row:  # fmt: skip
    low, high = (None, None) if value is None else (value - 10, value + 13)
    return {"kpi": "qualified_applications", "period_grain": "month",
            "period_start": date(2026, number, 1), "slice": slice, "slice_value": slice_value,
            "numerator": value, "value": value, "lower_95": low, "upper_95": high,
            "mature": mature, "target": target, "status": status}  # fmt: skip


def _other(kpi: str, value: float) -> Row:
    return {"kpi": kpi, "period_grain": "month", "period_start": OCTOBER, "slice": "channel_kind",
            "slice_value": "social", "value": value, "mature": True,
            "status": {"resolution_rate": "on_target"}.get(kpi, "no_target")}  # fmt: skip


def _campaign(name: str, **more: Any) -> Row:
    base = {"goal": "recruiting", "platform": "facebook", "audience": "electricians",
            "is_declared": True, "shares": 1, "clicks": 1240, "cost_per_outcome": 70,
            "rated_by": "views",
            "peer_group": "recruiting"}  # fmt: skip
    return {"campaign": name, **base, **more}


def _lever(audience: str, outcomes: int, trials: int, *figures: float) -> Row:
    rate, low, high, rank = figures
    return {"goal": "recruiting", "platform": "facebook", "audience": audience, "message": "salary",
            "trials": trials, "outcomes": outcomes, "shrunk_rate": rate, "shrunk_lower_95": low,
            "shrunk_upper_95": high, "lever_rank": int(rank), "levers_in_group": 3,
            "prior_rate": 0.016}  # fmt: skip


def _stage(kind: str, platform: str, stage: str, number: int, reached: int | None) -> Row:
    return {"month": date(2026, 7, 1), "platform": platform, "campaign": "x", "channel_kind": kind,
            "stage": stage, "stage_number": number, "reached": reached, "mature": True}  # fmt: skip
