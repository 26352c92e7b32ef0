"""From files to a verdict: a decision that worked is found, one that did nothing is not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.company import Company

FIRST, LAST = date(2025, 10, 1), date(2026, 6, 30)
TRIGGERED, EFFECTIVE = date(2026, 1, 1), date(2026, 3, 16)


def daily_leads(campaign: str, day: date) -> int:
    """Case Studies: 5 a day, none in the two bad months before the review, 7 from then on."""
    if campaign != "Case Studies":
        return 6
    if TRIGGERED <= day < EFFECTIVE:
        return 0
    return 5 if day < EFFECTIVE else 7


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("reviewed"))
    company.settings(
        """
        sources:
          file_drop:
            leads: [{files: exports/leads.csv}]
            costs: [{files: exports/costs.csv}]
        """
    )
    company.write(
        "company/campaigns.csv",
        """
        campaign,goal,department,platform,utm_campaign,starts,ends
        Case Studies,sales,sales,linkedin,cases,2025-10-01,
        Podcast,sales,sales,linkedin,podcast,2025-10-01,
        Quiet,sales,sales,linkedin,quiet,2025-10-01,
        """,
    )
    company.write(
        "company/kpi_reviews.csv",
        """
        date,kpi,campaign,lever,decision,effective_from,next_review
        2026-03-10,leads,case studies,message,show figures,2026-03-16,2026-06-16
        2026-03-10,leads,Podcast,message,shorter,2026-03-16,
        2026-03-10,cost_per_lead,Case Studies,budget,keep it,2026-03-16,
        2026-06-10,leads,,platform,try another,2026-06-15,
        """,
    )
    company.write(
        "company/kpi_owners.csv",
        """
        kpi,source,department,contact_name,contact,valid_from,valid_to
        leads,,sales,Ada,ada@example.org,2025-01-01,
        """,
    )
    company.write(
        "company/kpi_targets.csv",
        """
        kpi,slice,slice_value,valid_from,valid_to,target,reason
        leads,total,,2026-06-01,,600,plan
        """,
    )
    days = [FIRST + timedelta(days=back) for back in range((LAST - FIRST).days + 1)]
    leads = [
        f"{utm}-{day}-{i},{day}T10:00:00+01:00,linkedin,{utm}"
        for day in days
        for campaign, utm in (("Case Studies", "cases"), ("Podcast", "podcast"), ("Quiet", "quiet"))
        for i in range(daily_leads(campaign, day))
    ]
    head = "lead_id,created_at,utm_source,utm_campaign"
    company.write("exports/leads.csv", "\n".join([head, *leads]) + "\n")
    costs = [f"k-{day},{day},sales,Case Studies,media,100.00,EUR" for day in days]
    head = "cost_id,date,department,campaign,category,amount,currency"
    company.write("exports/costs.csv", "\n".join([head, *costs]) + "\n")
    done = company.night(str(LAST))
    assert done.returncode == 0, done.stdout + done.stderr
    return company


def effect(company: Company, decision: str, columns: str) -> tuple[Any, ...]:
    (found,) = company.published(
        f"select {columns} from kpi_review_effects where decision = ?", [decision]
    )
    return found


def test_a_decision_that_worked_is_found(reviewed: Company) -> None:
    """12 weeks of 5 a day, the bad months left out, against 12 weeks of 7 a day.

    The interval was worked out from Wilson's formula for 588 of 1,008; the control had 504 twice.
    """
    columns = "before_value, after_value, effect, effect_lower_95, effect_upper_95"
    expected = (420, 588, 1.4, 1.2353278403484156, 1.5866233529126927)
    assert effect(reviewed, "show figures", columns) == pytest.approx(expected, rel=1e-9)
    columns = "baseline_from::varchar, baseline_to::varchar, after_to::varchar, verdict, improved"
    assert effect(reviewed, "show figures", columns + ", is_final, slice_value, owner") == (
        "2025-10-09", "2025-12-31", "2026-06-07", "up", True, True, "Case Studies", "Ada",
    )  # fmt: skip
    columns = "control, control_before_value, control_after_value, verdict_vs_control"
    assert effect(reviewed, "show figures", columns) == ("Quiet", 504, 504, "up")
    (ratio,) = effect(reviewed, "show figures", "effect_vs_control")
    assert ratio == pytest.approx(588.5 / 420.5, rel=1e-9)


def test_a_decision_that_did_nothing_has_no_clear_effect(reviewed: Company) -> None:
    columns = "effect, verdict, improved, control"
    assert effect(reviewed, "shorter", columns) == (1, "no clear effect", None, "Quiet")


def test_a_cost_apiece_that_fell_is_an_improvement(reviewed: Company) -> None:
    """8,400 for 420 and for 588."""
    columns = "before_value, after_value, verdict, improved"
    found = effect(reviewed, "keep it", columns)
    assert found == (pytest.approx(20), pytest.approx(8400 / 588), "down", True)


def test_a_decision_of_this_month_is_judged_later(reviewed: Company) -> None:
    columns = "verdict, judged_from::varchar, before_value, effect, slice_value, also_changed"
    assert effect(reviewed, "try another", columns)[:5] == (
        "too early", "2026-07-12", None, None, "social",
    )  # fmt: skip
    (around,) = effect(reviewed, "show figures", "also_changed")
    assert around == (
        "2026-03-16 decision on cost_per_lead of Case Studies: keep it;"
        " 2026-03-16 decision on leads of Podcast: shorter; 2026-06-01 target became 600.0"
    )


def test_the_running_month_is_projected(reviewed: Company) -> None:
    """30 days of 19 leads, all of June's 22 working days over."""
    found = reviewed.published(
        "select actual, target, working_days, working_days_left, pace, projection, status,"
        " actual_year_ago from kpi_pace where kpi = 'leads'"
    )
    assert found == [(570, 600, 22, 0, 0.95, 570, "off_target", None)]


def test_reviews_have_only_types_that_readers_know(reviewed: Company) -> None:
    found = reviewed.published(
        "select distinct data_type from information_schema.columns"
        " where table_name in ('kpi_review_effects', 'kpi_pace')"
    )
    assert {kind for (kind,) in found} == {"BOOLEAN", "DATE", "DOUBLE", "INTEGER", "VARCHAR"}
