"""The weekly agenda: each owner's own, every figure with its interval, nothing concluded alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractors.alerts import agenda, facts
from extractors.alerts.words import Words
from tests.release import HIRES, ZENDESK, release

LEADS = {
    "kpi": "leads", "label": "Leads", "goal": "sales", "department": "Sales", "owner": "Bo",
    "contact": "bo@acme.example", "slice": "total", "slice_value": "all", "unit": "count",
    "direction": "up", "status": "on_target",
}  # fmt: skip
REVIEWED = {"last_review": date(2026, 10, 12), "next_review": date(2026, 11, 27)}
DECIDED = {
    "review_date": date(2026, 10, 12), "kpi": "hires", "campaign": "Office Dogs",
    "lever": "message", "decision": "show the work", "unit": "count", "effect_kind": "ratio",
    "effect": 1.4, "effect_lower_95": 1.2353, "effect_upper_95": 1.5866, "verdict": "up",
    "is_final": True, "improved": True,
}  # fmt: skip


def text(folder: Path, language: str = "en", **tables: Any) -> str:
    release(folder, "2026-11-22", **tables)
    return agenda.digest(facts.read(folder), Words(language, "EUR")).text


def effect(folder: Path, **changed: Any) -> str:
    """Return what the digest says came of one decision."""
    rows: dict[str, Any] = {
        "kpi_scorecard": [{**HIRES, **REVIEWED}],
        "kpi_review_effects": [{**DECIDED, **changed}],
    }
    (line,) = {row for row in text(folder, **rows).splitlines() if "Decided on" in row}
    return line.partition("show the work. ")[2]


def test_what_is_due_before_the_next_digest_is_on_this_one(tmp_path: Path) -> None:
    shown = text(tmp_path, kpi_scorecard=[{**HIRES, **REVIEWED}], kpi_review_effects=[DECIDED])
    assert shown.startswith("HR: Ada, ada@acme.example\n")
    assert "- Hires: review due 27 Nov 2026.\n" in shown
    assert "  October 2026: 8 (95% interval 3.45 to 15.8), target 20.\n" in shown
    assert "  Decided on 12 Oct 2026 (Office Dogs / message): show the work. Since" in shown
    later = {**HIRES, **REVIEWED, "next_review": date(2026, 11, 30)}
    assert "review due" not in text(tmp_path, kpi_scorecard=[later])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Since then: rose, for the better, × 1.40 (95% interval × 1.24 to × 1.59)."),
        (
            {"is_final": False, "improved": False, "verdict_vs_control": "no clear effect"},
            "Since then: rose, for the worse, × 1.40 (95% interval × 1.24 to × 1.59) (interim). "
            "Beside the control: no clear effect.",
        ),
        (
            {"verdict": "no clear effect", "improved": None, "unit": "rate",
             "effect_kind": "difference", "effect": -0.012, "effect_lower_95": -0.05,
             "effect_upper_95": 0.03, "detectable_effect": 0.08},
            "Since then: no clear effect, −1.2 points (95% interval −5.0 points to 3.0 points); an "
            "effect of 8.0 points would have shown in 8 of 10 cases.",
        ),
        (
            {"verdict": "no interval", "effect_lower_95": None, "effect_upper_95": None,
             "improved": None},
            "Since then: no verdict without an interval, × 1.40.",
        ),
        (
            {"verdict": "too early", "judged_from": date(2026, 12, 10), "effect": None},
            "Too early to judge; from 10 Dec 2026.",
        ),
        ({"verdict": "no data", "effect": None}, "No comparison is possible."),
    ],
)  # fmt: skip
def test_what_came_of_a_decision_claims_no_more_than_its_interval(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    assert effect(tmp_path, **changed) == said


def test_each_owner_gets_the_own_part_and_what_nobody_owns_comes_last(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        HIRES,
        LEADS,
        {**LEADS, "kpi": "orders", "label": "Orders", "owner": None},
    ]
    rows[2] |= {"contact": None, "department": "shop", "status": "no_data"}
    release(tmp_path, "2026-11-22", kpi_scorecard=rows, data_coverage=[ZENDESK])
    known = facts.read(tmp_path)
    titles = [one.title for one in agenda.digest(known, Words()).sections]
    assert titles == [
        "HR: Ada, ada@acme.example",
        "Sales: Bo, bo@acme.example",
        "shop: Nobody is named",
    ]
    own = agenda.per_owner(known, Words())
    assert list(own) == ["ada@acme.example", "bo@acme.example"]
    assert own["bo@acme.example"].subject.endswith("off target 0, reviews due 0")
    assert "zendesk.tickets: stale" in own["bo@acme.example"].text
    assert "Hires" not in own["bo@acme.example"].text


def test_a_company_without_data_is_told_so_and_no_zero_is_made_up(tmp_path: Path) -> None:
    empty = {**HIRES, "status": "no_data", "value": None, "period_start": None, **REVIEWED}
    shown = text(tmp_path, "de", kpi_scorecard=[empty])
    assert "- Hires: Review fällig am 27.11.2026.\n  Noch kein reifer Wert.\n" in shown
    assert "- Keine Daten: Hires\n" in shown
    assert text(tmp_path).startswith("On or off target:")
