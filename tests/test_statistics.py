"""The SQL of intervals and verdicts, rendered as dbt does, against published reference values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.statistics.coverage import Coverage, poisson, wilson
from benchmarks.statistics.macros import macros as statistics
from benchmarks.statistics.status import false_off, projections

PROJECT = Path(__file__).parents[1] / "dbt_project"
VECTORS = Path(__file__).with_name("statistics_vectors.json")


def vectors(section: str) -> tuple[list[str], list[dict[str, Any]]]:
    found = json.loads(VECTORS.read_text(encoding="utf-8"))[section]
    assert len(found["vectors"]) >= 12
    return found["columns"], found["vectors"]


def rows_of(columns: list[str], cases: list[dict[str, Any]]) -> str:
    """Return the vectors' inputs as a table expression, every number a double."""

    def cell(value: object) -> str:
        if value is None:
            return "cast(null as double)"
        return f"'{value}'" if isinstance(value, str) else f"cast({value!r} as double)"

    lines = [
        ", ".join([str(i), *(cell(case["in"][column]) for column in columns)])
        for i, case in enumerate(cases)
    ]
    values = ", ".join(f"({line})" for line in lines)
    return f"(values {values}) as t(id, {', '.join(columns)})"


def assert_equal(
    found: list[tuple[Any, ...]], cases: list[dict[str, Any]], names: list[str]
) -> None:
    assert len(found) == len(cases)
    for case, row in zip(cases, found, strict=True):
        for name, value in zip(names, row, strict=True):
            expected = case["expected"][name]
            if isinstance(expected, float):
                expected = pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert value == expected, (case["in"], name)


FORMULAS: dict[str, Callable[[], dict[str, str]]] = {
    "wilson": lambda: {
        "lo": statistics().wilson_lower("k", "n"),
        "hi": statistics().wilson_upper("k", "n"),
    },
    "byar": lambda: {
        "lo": statistics().byar_lower("k"),
        "hi": statistics().byar_upper("k"),
    },
    "cost_per_count": lambda: {
        "lo": statistics().cost_per_count_lower("cost", f"({statistics().byar_upper('k')})"),
        "hi": statistics().cost_per_count_upper("cost", f"({statistics().byar_lower('k')})"),
    },
    "newcombe_diff": lambda: {
        "lo": statistics().newcombe_lower("k1", "n1", "k2", "n2"),
        "hi": statistics().newcombe_upper("k1", "n1", "k2", "n2"),
    },
    "prob_a_gt_b": lambda: {
        "p_logit": f"(select {statistics().normal_cdf('x')} from (select "
        + statistics().log_odds_lead("a1", "b1", "a2", "b2")
        + " as x))",
    },
    "mean_from_sums": lambda: {
        "lo_t": statistics().mean_bound("n", "s", "ss", "-"),
        "hi_t": statistics().mean_bound("n", "s", "ss", "+"),
    },
}


@pytest.mark.parametrize("section", FORMULAS)
def test_interval_equals_its_reference(section: str) -> None:
    columns, cases = vectors(section)
    formulas = FORMULAS[section]()
    sql = f"select {', '.join(formulas.values())} from {rows_of(columns, cases)} order by id"
    assert_equal(duckdb.execute(sql).fetchall(), cases, list(formulas))


def test_status_follows_the_interval() -> None:
    columns, cases = vectors("status")
    sql = statistics().against_target("lo", "hi", "target", "dirn")
    names = {"on": "on_target", "off": "off_target", "undecided": "undecided"}
    expected = [(names[case["expected"]["status"]],) for case in cases]
    found = duckdb.execute(f"select {sql} from {rows_of(columns, cases)} order by id").fetchall()
    assert found == expected


def test_vanity_verdict_equals_its_reference() -> None:
    columns, cases = vectors("vanity_gap")
    text = statistics().vanity_verdicts("cells")
    sql = f"""
        with cells as (
            select goal as peer_group, campaign, imp as impressions, eng as engagements,
                n as trials, k as outcomes
            from {rows_of(columns, cases)}
        )
        select expected_outcomes, ratio, ratio_upper, verdict from ({text}) order by campaign
    """
    cases = sorted(cases, key=lambda case: str(case["in"]["campaign"]))
    found = duckdb.execute(sql).fetchall()
    assert_equal(found, cases, ["expected_n", "ratio", "ratio_hi", "verdict"])


def test_shrunk_rates_equal_their_reference() -> None:
    columns, cases = vectors("beta_shrink")
    text = statistics().shrunk_rates("cells")
    sql = f"""
        with cells as (
            select g as group_key, id as cell, k as hits, n as trials
            from {rows_of(columns, cases)}
        )
        select cells_in_group, prior_rate, prior_strength, a, b, shrunk_rate, shrunk_lower_95,
            shrunk_upper_95
        from ({text}) order by cell
    """
    names = ["cells_n", "p0", "m", "a", "b", "post", "lo", "hi"]
    assert_equal(duckdb.execute(sql).fetchall(), cases, names)


def test_seed_holds_the_exact_poisson_bounds() -> None:
    seed = PROJECT / "seeds" / "poisson_bounds.csv"
    found = duckdb.execute(
        f"select events, lower_95, upper_95 from '{seed}' order by events"
    ).fetchall()
    # k = 1: -ln(0.975) and the root of exp(-x)(1 + x) = 0.025
    approx = partial(pytest.approx, rel=1e-9, abs=1e-9)
    assert found[1] == (1, approx(0.0253178079843), approx(5.571643391))
    noted = json.loads(VECTORS.read_text(encoding="utf-8"))["garwood_seed_k0_100"]["rows"]
    assert len(noted) == 101
    assert found == [(k, approx(lower), approx(upper)) for k, lower, upper in noted]


@pytest.mark.parametrize(
    ("method", "lowest", "mean"), [(wilson, 0.84, 0.950), (poisson, 0.95, 0.954)]
)
def test_intervals_hold_the_truth_as_often_as_measured(
    method: Callable[[], Iterator[Coverage]], lowest: float, mean: float
) -> None:
    """Enumerated, so without error: mean and minimum as in the note, sections 1 and 2."""
    for found in method():
        assert found.minimum >= lowest, found
        assert found.mean >= mean - 0.0005, found


def test_a_share_at_its_target_is_called_off_as_often_as_noted() -> None:
    """One month is enumerated; the note simulated the months together, with an error of 0.002."""
    for found in false_off():
        chances = (found.one, found.any_month, found.two_in_a_row)
        assert chances == pytest.approx([float(note) for note in found.reference], abs=0.004), found


def test_a_months_projection_holds_its_end_as_often_as_noted() -> None:
    assert [round(found.minimum, 2) for found in projections()] == [0.93, 0.94, 0.95, 0.95]
