"""Every rule that makes a sentence: what it says, and that it claims no more than the interval."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dashboard.findings import kpis, levers, reviews, steps
from dashboard.numbers import Formats
from dashboard.texts import Text

EURO = Formats("EUR")
Row = dict[str, Any]


def kpi(**more: Any) -> Row:
    base: Row = {
        "kpi": "leads", "unit": "count", "direction": "up", "value": 31, "numerator": 31,
        "denominator": None, "lower_95": 21, "upper_95": 44, "target": 45, "status": "off_target",
        "period_start": date(2026, 10, 1), "off_target_since": date(2026, 9, 1),
        "definition_change": None, "definition_since": None, "next_review": None,
    }  # fmt: skip
    return {**base, **more}


def months(*rows: tuple[int, float | None, float | None, str]) -> list[Row]:
    return [
        {"period_start": date(2026, m, 1), "value": value, "target": target, "status": status,
         "mature": True}
        for m, value, target, status in rows
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "says", "sagt"),
    [
        ({}, "Sure. The 95% interval, 21–44, ends below the target.",
         "Sicher. Das 95-%-Intervall, 21–44, endet unter dem Ziel."),
        ({"direction": "down", "target": 10},
         "Sure. The 95% interval, 21–44, begins above the target.",
         "Sicher. Das 95-%-Intervall, 21–44, beginnt über dem Ziel."),
        ({"status": "on_target", "target": 20},
         "Sure. The 95% interval, 21–44, begins at the target or above.",
         "Sicher. Das 95-%-Intervall, 21–44, beginnt beim Ziel oder darüber."),
        ({"status": "undecided", "target": 30},
         "Not sure. The 95% interval, 21–44, holds the target.",
         "Nicht sicher. Das 95-%-Intervall, 21–44, enthält das Ziel."),
        ({"lower_95": None, "upper_95": None},
         "Not known. This KPI has no interval; its value alone is judged.",
         "Nicht bekannt. Diese KPI hat kein Intervall; nur ihr Wert wird beurteilt."),
        ({"status": "no_target"}, "", ""),
        ({"numerator": 8, "lower_95": 3, "upper_95": 16},
         "Sure. The 95% interval, 3–16, ends below the target. Only 8 cases.",
         "Sicher. Das 95-%-Intervall, 3–16, endet unter dem Ziel. Nur 8 Fälle."),
    ],
)  # fmt: skip
def test_how_sure(more: Row, says: str, sagt: str) -> None:
    assert kpis.how_sure(kpi(**more), "count", EURO) == Text(says, sagt)


@pytest.mark.parametrize(
    ("method", "says"),
    [("count", "Only 1 case."), ("wilson", "Only 19 cases."), ("mean", "Only 19 cases."),
     ("cost_per_count", "Only 19 cases."), ("none", "")],
)  # fmt: skip
def test_a_small_sample_is_named_by_what_its_interval_counts(method: str, says: str) -> None:
    assert kpis.small_sample(kpi(numerator=1, denominator=19), method).en == says
    assert kpis.small_sample(kpi(numerator=20, denominator=20), method).en == ""


def test_sides() -> None:
    assert kpis.sides(kpi(numerator=9, denominator=118), "wilson") == Text("9 of 118", "9 von 118")
    assert kpis.sides(kpi(numerator=1.0, denominator=6), "mean").en == "n = 6"
    assert kpis.sides(kpi(), "count").en == ""


def test_since_says_how_long_and_whether_the_target_moved() -> None:
    past = months((8, 30, 30, "on_target"), (9, 31, 45, "off_target"), (10, 31, 45, "off_target"))
    assert kpis.since(kpi(), past, EURO) == Text(
        "September 2026, two months. The target changed then, from 30 to 45.",
        "September 2026, zwei Monate. Da änderte sich das Ziel, von 30 auf 45.",
    )


def test_since_does_not_claim_more_than_the_data_reach_back() -> None:
    past = months((9, 31, 45, "off_target"), (10, 31, 45, "off_target"))
    assert kpis.since(kpi(), past, EURO).en == (
        "September 2026, two months. That is as far back as the data go."
    )
    assert kpis.since(kpi(off_target_since=None), past, EURO).en == ""


def test_a_run_ends_where_a_month_has_no_figure() -> None:
    past = months((7, 9, 9, "on_target"), (8, None, 9, "no_data"), (9, 9, 9, "on_target"))
    assert kpis.run_start(past, date(2026, 9, 1), "on_target") == date(2026, 9, 1)
    assert kpis.run_start(past, date(2026, 9, 1), "off_target") is None


def test_target_steps_hold_a_gap() -> None:
    past = months((7, 1, 9, ""), (8, 1, None, ""), (9, 1, 9, ""), (10, 1, 9, ""))
    assert kpis.target_steps(past) == [
        (date(2026, 7, 1), 9), (date(2026, 8, 1), None), (date(2026, 9, 1), 9),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("off_target", "since September 2026"),
        ("on_target", "since October 2026"),
        ("undecided", "interval holds the target"),
        ("no_target", "set a target to judge it"),
        ("immature", "no month is mature yet"),
        ("no_data", "not drawn as 0"),
    ],
)
def test_a_status_says_why(status: str, says: str) -> None:
    assert kpis.status_note(kpi(status=status), months((10, 31, 30, "on_target"))).en == says


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "Below target since September 2026. October 2026: 31, target 45."),
        ({"direction": "down"}, "Above target since September 2026. October 2026: 31, target 45."),
        ({"lower_95": None, "upper_95": None},
         "Below target by its value alone since September 2026. October 2026: 31, target 45."),
        ({"status": "undecided"},
         "October 2026: 31. It cannot be told whether the target, 45, is reached."),
        ({"status": "no_target"}, "October 2026: 31. No target is set."),
        ({"status": "no_data"}, "No data. Nothing is judged."),
    ],
)  # fmt: skip
def test_a_verdict(more: Row, says: str) -> None:
    past = months((8, 30, 30, "on_target"), (9, 31, 45, "off_target"), (10, 31, 45, "off_target"))
    assert kpis.verdict(kpi(**more), past, EURO).en == says


def test_the_brief_names_only_what_surely_misses() -> None:
    names = {"leads": Text("Leads", "Leads"), "orders": Text("Orders", "Bestellungen")}
    rows = [kpi(), kpi(kpi="orders", lower_95=None, upper_95=None), kpi(status="no_target")]
    assert kpis.brief(rows, names) == Text(
        "One of 2 KPIs with a target surely misses it: Leads.",
        "Eine von 2 KPIs mit Ziel verfehlt es sicher: Leads.",
    )
    assert kpis.brief_rest(rows, names).en == (
        "By value alone, without an interval, Orders misses the target, too."
        " One cannot be judged; the scorecard says why."
    )


def test_a_bare_value_misses_too_only_where_another_misses() -> None:
    rows = [kpi(kpi="orders", lower_95=None, upper_95=None)]
    said = kpis.brief_rest(rows, {"orders": Text("Orders", "Bestellungen")})
    assert said.en == "By value alone, without an interval, Orders misses the target."
    assert said.de == "Nach dem bloßen Wert, ohne Intervall, verfehlt Bestellungen das Ziel."


def test_the_brief_of_a_company_without_misses_targets_or_data() -> None:
    assert kpis.brief([kpi(status="undecided")], {}).en == (
        "None of 1 KPIs with a target surely misses it."
    )
    assert kpis.brief([kpi(status="no_target")], {}).en == "No KPI has a target yet."
    assert kpis.brief([kpi(status="no_data")], {}).en == "No KPI has any data yet."
    assert kpis.brief([], {}).de == "Noch hat keine KPI Daten."


def test_a_trend_in_words_leaves_young_months_out() -> None:
    past = months((8, 30, 30, ""), (9, None, 30, ""), (10, 41, 30, ""))
    past.append({**past[0], "mature": False, "value": 2})
    said = kpis.trend_words(past, "count", EURO)
    assert said.en == "2 months: 30 to 41, newest 41. One immature."


def lever(**more: Any) -> Row:
    base: Row = {
        "goal": "recruiting", "platform": "facebook", "audience": "nurses", "message": "unassigned",
        "outcomes": 58, "trials": 2140, "shrunk_rate": 0.026, "shrunk_lower_95": 0.020,
        "shrunk_upper_95": 0.032, "prior_rate": 0.016, "levers_in_group": 3,
    }  # fmt: skip
    return {**base, **more}


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "up"),
        ({"outcomes": 2}, "eq"),
        ({"shrunk_lower_95": 0.016}, "eq"),
        ({"shrunk_lower_95": 0.0, "shrunk_upper_95": 0.015, "outcomes": 0}, "down"),
        ({"levers_in_group": 2}, "not"),
        ({"shrunk_lower_95": None}, "not"),
    ],
)
def test_a_lever_is_judged_by_its_interval(more: Row, kind: str) -> None:
    assert levers.verdict(lever(**more)) == kind


def test_what_to_try_is_only_what_its_figures_carry() -> None:
    labels = {"facebook": "Facebook"}
    assert levers.to_try("recruiting", [lever()], labels, EURO).en == (
        "Facebook · nurses · not named: 58 qualified applications of 2,140 clicks or reactions,"
        " 2.6% (2.0–3.2%); average of its levers 1.6%."
    )
    none = "No lever is surely above its platform's average; a test would tell more."
    assert levers.to_try("sales", [lever()], labels, EURO).en == none
    assert levers.to_try("recruiting", [lever(outcomes=2)], labels, EURO).en == none


def test_a_goal_without_a_sure_lever_says_so() -> None:
    assert levers.finding("sales", [lever(levers_in_group=1)], {}).de == (
        "Vertrieb: Kein Hebel liegt sicher über oder unter dem Schnitt seiner Plattform."
    )
    said = levers.finding("sales", [lever(), lever(audience="all", shrunk_upper_95=0.01)], {})
    assert said.en == (
        "Sales, against the platform's average: surely above: facebook · nurses · not named and"
        " facebook · all · not named."
    )


def campaign(verdict: str, name: str = "Team") -> Row:
    return {"campaign": name, "goal": "recruiting", "likes": 200, "comments": 50, "outcomes": 4,
            "rated_by": None if verdict == "unrated" else "views", "engagement_rate": 0.0251,
            "vanity_verdict": verdict.replace("unrated", "undecided")}  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        (["confirmed"], "Vanity gap: “Team” won 200 likes and 50 comments (2.5 reactions per 100"
         " views), but brought 4 qualified applications. Its outcome rate is at least"
         " a quarter below its peers."),
        (["suspected"], "Perhaps a vanity gap: “Team” is in the top quarter by engagement (2.5"
         " reactions per 100 views); its outcome rate may lie a quarter below"
         " its peers. Chance is not ruled out."),
        (["undecided", "no"], "No vanity gap is shown. Of 1 of 2 campaigns the figures are too"
         " small or the peers too few to tell."),
        (["unrated", "no"], "No vanity gap is shown. Of 1 nobody knows how often most of it"
         " was shown."),
        (["no"], "No vanity gap is shown."),
    ],
)  # fmt: skip
def test_a_vanity_gap_is_a_comparison_and_no_blame(verdicts: list[str], says: str) -> None:
    assert levers.vanity([campaign(verdict) for verdict in verdicts]).en == says


def test_attribution_names_where_models_part() -> None:
    rows = [
        {"campaign": "unassigned", "low": 0, "high": 90, "models": {"last": 9}},
        {"campaign": "Team", "low": 4, "high": 9, "models": {"last": 4}},
    ]
    assert levers.attribution("application", rows).en == (
        "Applications: the models differ most about “Team”, 4 to 9; the KPIs use the last"
        " contact, 4."
    )
    assert "no campaign is credited" in levers.attribution("order", rows[:1]).en
    rows[1]["high"] = 4.2
    assert "differ by less than half a conversion" in levers.attribution("order", rows).en


def side(first: int, last: int, low: float, high: float) -> Row:
    return {"first": first, "last": last, "rate": last / first, "low": low, "high": high}


def test_a_funnel_compares_only_where_intervals_part() -> None:
    social = side(100, 10, 0.055, 0.174)
    assert steps.funnel(social, side(100, 12, 0.07, 0.2), EURO).en == (
        "Of 100 who came through social media, 10 reached the last stage: 10.0% (5.5–17.4%)."
        " Conventional channels: 12.0%; the intervals touch, a difference is not shown."
    )
    assert "is surely smaller." in steps.funnel(social, side(900, 270, 0.27, 0.33), EURO).en
    assert "is surely larger." in steps.funnel(social, side(900, 9, 0.005, 0.019), EURO).en
    assert steps.funnel(None, social, EURO).en == "No one came through social media."


def test_the_hardest_step_needs_twenty_before_it() -> None:
    stages = [
        {"stage": "applied", "reached": 100}, {"stage": "qualified", "reached": 40},
        {"stage": "interviewed", "reached": 19}, {"stage": "hired", "reached": 1},
    ]  # fmt: skip
    assert steps.lost(stages).en == (
        "The step that the fewest pass is from Applied to Qualified: 40 of 100."
    )
    assert steps.lost(stages[2:]).en == ""


@pytest.mark.parametrize(
    ("verdict", "end"),
    [("better", "That is surely more."), ("worse", "That is surely less."),
     ("no clear difference", "A difference is not shown.")],
)  # fmt: skip
def test_support_says_surely_only_with_its_verdict(verdict: str, end: str) -> None:
    row = {"resolution_rate": 0.9, "requests": 489, "difference": 0.069, "verdict": verdict,
           "conventional_resolution_rate": 0.831}  # fmt: skip
    assert steps.support(row, EURO).en == (
        f"Social media resolves 90.0% of requests, conventional channels 83.1%. {end}"
    )
    assert "nothing to compare" in steps.support({**row, "difference": None}, EURO).en


def effect(**more: Any) -> Row:
    base: Row = {
        "verdict": "up", "verdict_vs_control": None, "direction": "up", "unit": "count",
        "effect_kind": "ratio", "effect": 1.5, "effect_lower_95": 1.08, "effect_upper_95": 2.09,
        "is_final": True, "judged_from": None, "why_no_data": None, "lever": "message",
        "decision": "state the salary", "review_date": date(2026, 7, 1),
    }  # fmt: skip
    return {**base, **more}


@pytest.mark.parametrize(
    ("more", "kind", "says"),
    [
        ({}, "up", "better"),
        ({"direction": "down"}, "down", "worse"),
        ({"verdict_vs_control": "no clear effect"}, "eq", "no difference shown"),
        ({"verdict_vs_control": "down"}, "down", "worse than its control"),
        ({"is_final": False}, "up", "better (so far)"),
        ({"verdict": "too early", "judged_from": date(2026, 12, 13)}, "imm",
         "too early: from 13\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2026"),
        ({"verdict": "no interval"}, "nod", "no interval, no verdict"),
        ({"verdict": "no data",
          "why_no_data": "less than 4 weeks of data before what triggered it"}, "nod",
         "not measurable: less than 4 weeks of data before what triggered it"),
    ],
)  # fmt: skip
def test_a_decision_is_judged_beside_its_control(more: Row, kind: str, says: str) -> None:
    assert reviews.judged(effect(**more)) == kind
    assert reviews.effect_verdict(effect(**more)).en == says


def test_the_size_of_an_effect() -> None:
    assert reviews.effect_size(effect()).en == "+50% (+8 to +109%)"
    rate = effect(effect_kind="difference", unit="rate", effect=-0.021, effect_lower_95=-0.06,
                  effect_upper_95=0.018)  # fmt: skip
    assert reviews.effect_size(rate).de == "−2,1 Punkte (−6,0 bis +1,8 Punkte)"
    assert reviews.effect_size(effect(effect=None)).en == ""
    assert reviews.effect_size(effect(effect_upper_95=None)).en == "+50%"


def test_an_effect_is_shown_with_the_interval_that_its_verdict_rests_on() -> None:
    row = effect(effect=1.09, effect_lower_95=0.92, effect_upper_95=1.3, verdict="no clear effect",
                 verdict_vs_control="up", effect_vs_control=1.26, effect_vs_control_lower_95=1.01,
                 effect_vs_control_upper_95=1.58)  # fmt: skip
    assert reviews.effect_verdict(row).en == "better than its control"
    assert reviews.effect_size(row).en == "+26% (+1 to +58%) beside the control"
    assert reviews.effect_size(row).de.endswith(" gegenüber der Kontrolle")


def test_decisions_are_counted_by_what_is_shown() -> None:
    rows = [effect(), effect(verdict="no clear effect"), effect(verdict="too early")]
    assert reviews.effects(rows).en == (
        "The KPI after 3 decisions: one surely better, one without a difference shown and one too"
        " early."
    )
    early = reviews.effects([effect(is_final=False)])  # a verdict that may still change
    assert early.en == "The KPI after one decision: one with a window that still grows."
    assert "No decision is recorded" in reviews.effects([]).en


def source(**more: Any) -> Row:
    keys = ("last_error", "rejected_rows", "drift", "unknown_values", "note", "negative_durations",
            "likely_double_entries", "campaign_share")  # fmt: skip
    return {"status": "ok", **dict.fromkeys(keys), **more}


@pytest.mark.parametrize(
    ("more", "state", "says"),
    [
        ({}, "on", ""),
        ({"status": "not_configured"}, "nod", "Connect a source for it."),
        ({"status": "stale"}, "imm", ""),
        ({"status": "failed", "last_error": "crm: 401. Renew."}, "off", "crm: 401. Renew."),
        ({"rejected_rows": 2}, "und", "2 rows could not be read."),
        ({"drift": "mood"}, "und", "New fields: mood."),
        ({"unknown_values": "kiosk (4)"}, "und", "Add to company/source_map.csv: kiosk (4)."),
        ({"likely_double_entries": 1}, "und",
         "1 media costs stand beside ad spend: entered twice?"),
        ({"campaign_share": 0.4}, "und",
         "Most rows reach no campaign: tag the links or add ids to campaigns.csv."),
        ({"campaign_share": 0.6}, "on", ""),
        ({"note": "no rate: 4"}, "und", "No rate: 4."),
    ],
)  # fmt: skip
def test_a_source_says_what_to_do(more: Row, state: str, says: str) -> None:
    assert reviews.source_state(source(**more)) == state
    assert reviews.source_advice(source(**more)).en == says


def test_coverage_counts_connected_sources_and_names_the_rest() -> None:
    rows: list[Row] = [{"state": "on", "name": "personio"}, {"state": "imm", "name": "hubspot"},
            {"state": "nod", "name": Text("Shop", "Shop")}]  # fmt: skip
    assert reviews.coverage(rows).en == (
        "1 of 2 sources are fresh. To mend: hubspot (stale) and Shop (not connected)."
    )
    assert reviews.coverage(rows[2:]).en == (
        "No source is connected yet. To mend: Shop (not connected)."
    )
    assert reviews.coverage([]).de == "Noch ist keine Quelle angebunden."


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (
            date(2026, 11, 20),
            "Its review was due on 20\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026.",
        ),
        (date(2026, 12, 6), "Its review is due on 6\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2026."),
        (date(2026, 12, 7), ""),
        (None, ""),
    ],
)
def test_a_review_is_due_two_weeks_ahead(at: date | None, says: str) -> None:
    assert reviews.due(kpi(next_review=at), date(2026, 11, 22)).en == says


def test_the_agenda_counts_its_points_and_repeats_the_last_decision() -> None:
    assert reviews.agenda([]).en == "Nothing is due, nothing is off target."
    assert reviews.agenda([{}]).de == "Ein Punkt für das nächste Review."
    assert reviews.agenda([{}, {}]).en == "Two points for the next review."
    assert reviews.last_decision(effect()).de == (
        "Am 1.7.2026 beschlossen: state the salary (besser)."
    )
