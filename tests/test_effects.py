"""Effects of decisions: SQL against published values, its errors over simulated decisions."""

from __future__ import annotations

import itertools
import math
import random
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

from tests.test_statistics import assert_equal, rows_of, vectors

MACROS = Path(__file__).parents[1] / "dbt_project" / "macros"


@cache
def macros() -> Any:
    text = "".join(
        (MACROS / f"{name}.sql").read_text("utf-8")
        for name in ("statistics", "differences", "effects", "pace")
    )
    return jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text).module


SIDES = [
    f"{role}{window}_{side}"
    for role in ("", "control_")
    for window in ("before", "after")
    for side in ("numerator", "denominator", "squares")
]


def judged(method: str, sides: str, rows: str, *, direction: str = "up") -> str:
    """Return the query that judges `rows`; `sides` says which column is which side."""
    given = [column.split(" as ")[1] for column in sides.split(", ")]
    rest = [f"cast(null as double) as {side}" for side in SIDES if side not in given]
    rest += [f"1e0 as {name}" for name in ("dispersion", "control_dispersion") if name not in given]
    cells = f"""(
        select id as decision_id, '{method}' as interval_method, '{direction}' as direction,
            {method not in ("count", "none")} as is_ratio, {sides}, {", ".join(rest)}
        from {rows}
    )"""
    return str(macros().review_effects(cells))


COUNT = "c1 as before_numerator, c2 as after_numerator"
CASES = {
    "newcombe_diff": (
        "wilson",
        "k1 as before_numerator, n1 as before_denominator, k2 as after_numerator,"
        " n2 as after_denominator",
        {"d": "effect", "lo": "effect_lower", "hi": "effect_upper"},
    ),
    "count_ratio": (
        "count", COUNT, {"ratio": "effect", "lo": "effect_lower", "hi": "effect_upper"},
    ),
    "mean_diff_welch": (
        "mean",
        "n1 as before_denominator, s1 as before_numerator, q1 as before_squares,"
        " n2 as after_denominator, s2 as after_numerator, q2 as after_squares",
        {"d": "effect", "lo": "effect_lower", "hi": "effect_upper"},
    ),
    "count_ratio_vs_control": (
        "count",
        COUNT + ", k1 as control_before_numerator, k2 as control_after_numerator",
        {"ratio": "vs_control", "lo": "vs_control_lower", "hi": "vs_control_upper"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("section", CASES)
def test_effect_equals_its_reference(section: str) -> None:
    method, sides, names = CASES[section]
    columns, cases = vectors(section)
    query = judged(method, sides, rows_of(columns, cases))
    sql = f"select {', '.join(names.values())} from ({query}) order by decision_id"
    assert_equal(duckdb.execute(sql).fetchall(), cases, list(names))


def one(method: str, sides: str, wanted: str, *, direction: str = "up") -> tuple[Any, ...]:
    rows = "(values (1)) as t(id)"
    query = judged(method, sides, rows, direction=direction)
    found = duckdb.execute(f"select {wanted} from ({query})").fetchone()
    assert found is not None
    return found


BOTH = "100e0 as before_{0}, 130e0 as after_{0}"
BOUNDS = "effect, effect_lower, effect_upper"


def test_rates_differ_as_newcombe_published() -> None:
    """His example: 56 of 70 against 48 of 80."""
    sides = (
        "48e0 as before_numerator, 80e0 as before_denominator,"
        " 56e0 as after_numerator, 70e0 as after_denominator"
    )
    assert one("wilson", sides, BOUNDS) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_cost_apiece_is_its_count_with_the_cost_known() -> None:
    """The reference interval of 130 against 100 is 1.002400232 to 1.685953321."""
    counts = BOTH.format("denominator")
    same = counts + ", 5e3 as before_numerator, 5e3 as after_numerator"
    twice = counts + ", 5e3 as before_numerator, 1e4 as after_numerator"
    expected = (1 / 1.3, 1 / 1.685953321, 1 / 1.002400232)
    assert one("cost_per_count", same, BOUNDS) == pytest.approx(expected, rel=1e-9)
    doubled = tuple(2 * bound for bound in expected)
    assert one("cost_per_count", twice, BOUNDS) == pytest.approx(doubled, rel=1e-9)
    nothing = (
        "5e3 as before_numerator, 5e3 as after_numerator,"
        " 10e0 as before_denominator, 0e0 as after_denominator"
    )
    assert one("cost_per_count", nothing, "effect, effect_upper") == (None, None)


def test_dispersion_widens_the_interval_of_a_count() -> None:
    """z × root of 4 on 400 and 520 is z on 100 and 130."""
    wide = "4e2 as before_numerator, 52e1 as after_numerator, 4e0 as dispersion"
    narrow = BOTH.format("numerator")
    assert one("count", wide, BOUNDS) == pytest.approx(one("count", narrow, BOUNDS), rel=1e-12)


@pytest.mark.parametrize(
    ("method", "sides", "direction", "expected"),
    [
        # n for 80 % power at +30 %: 3,778, 769 and 167 at rates 0.05, 0.2 and 0.5; a count of 201
        ("wilson", (188.9, 3778, 0, 3778), "up", 0.015),
        ("wilson", (153.8, 769, 0, 769), "up", 0.06),
        ("wilson", (83.5, 167, 0, 167), "up", 0.15),
        ("count", (201, None, 300, None), "up", 1.3),
        # (1 - 0.75)² × k = 7.8489 × 1.75: k = 219.77
        ("count", (219.77, None, 0, None), "down", 0.75),
        ("cost_per_count", (5, 201, 5, 0), "down", 1 / 1.3),
        ("count", (2, None, 0, None), "down", None),
        ("none", (201, None, 300, None), "up", None),
    ],
)
def test_the_smallest_effect_is_the_one_of_80_percent_power(
    method: str,
    sides: tuple[float | None, ...],
    direction: str,
    expected: float | None,
) -> None:
    names = ("before_numerator", "before_denominator", "after_numerator", "after_denominator")
    given = ", ".join(
        f"cast({'null' if value is None else value} as double) as {name}"
        for value, name in zip(sides, names, strict=True)
    )
    (found,) = one(method, given, "detectable_effect", direction=direction)
    assert found == (None if expected is None else pytest.approx(expected, rel=2e-3))


def test_the_smallest_effect_on_a_mean_is_2_8_standard_errors() -> None:
    """100 values before and after with variance 100: a standard error of root 2."""
    sums = "1e2 as {0}_denominator, 1e3 as {0}_numerator, 199e2 as {0}_squares"
    sides = f"{sums.format('before')}, {sums.format('after')}"
    (found,) = one("mean", sides, "detectable_effect", direction="down")
    assert found == pytest.approx(-(1.95996 + 0.84162) * math.sqrt(2), rel=1e-5)


# Simulated decisions, many at a time through the same SQL.


def table(db: duckdb.DuckDBPyConnection, columns: dict[str, list[float]]) -> None:
    """Write the simulated decisions, one row each."""
    picked = ", ".join(f"unnest(cast(? as double[])) as {name}" for name in columns)
    db.execute(f"create or replace table sim as select {picked}", list(columns.values()))
    db.execute("alter table sim add column id bigint")
    db.execute("update sim set id = rowid")


def shares(
    db: duckdb.DuckDBPyConnection, method: str, sides: str, what: str = "effect"
) -> tuple[float, float]:
    """Return the share of decisions that are said to go up, and down."""
    query = judged(method, sides, "sim")
    verdict = macros().effect_verdict(what)
    found = db.execute(
        f"select avg(cast(v = 'up' as int)), avg(cast(v = 'down' as int))"
        f" from (select {verdict} as v from ({query}))"
    ).fetchone()
    assert found is not None
    return found


def near(share: float, rows: int, other_rows: int = 40_000) -> Any:
    """Four standard errors of two simulations, and the rounding of the published one."""
    error = math.sqrt(share * (1 - share) * (1 / rows + 1 / other_rows))
    return pytest.approx(share, abs=4 * error + 0.0005)


class Draws:
    """Counts drawn by their distribution's cumulative weights."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def poisson(self, mean: float, rows: int) -> list[float]:
        last = int(mean + 12 * math.sqrt(mean) + 12)
        weights = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(last)]
        return self._draw(weights, rows)

    def binomial(self, rate: float, trials: int, rows: int) -> list[float]:
        weights = [
            math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(trials + 1)
        ]
        return self._draw(weights, rows)

    def negative_binomial(self, mean: float, dispersion: float, rows: int) -> list[float]:
        size, p = mean / (dispersion - 1), 1 / dispersion
        last = int(mean + 20 * math.sqrt(mean * dispersion) + 20)
        weights = [
            math.exp(
                math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
                + size * math.log(p) + k * math.log(1 - p)
            )
            for k in range(last)
        ]  # fmt: skip
        return self._draw(weights, rows)

    def _draw(self, weights: list[float], rows: int) -> list[float]:
        cumulative = list(itertools.accumulate(weights))
        return [
            float(k)
            for k in self.random.choices(range(len(weights)), cum_weights=cumulative, k=rows)
        ]


@pytest.fixture
def draws() -> Draws:
    return Draws(7)


@pytest.fixture
def memory() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1})


# statistics.md, section 7: two-sided false effects, and power at a true +30 %
RATES = {
    (0.05, 30): (0.007, 0.009), (0.05, 100): (0.036, 0.051), (0.05, 400): (0.047, 0.141),
    (0.2, 30): (0.046, 0.075), (0.2, 100): (0.048, 0.171), (0.2, 400): (0.050, 0.520),
    (0.5, 30): (0.051, 0.216), (0.5, 100): (0.057, 0.589), (0.5, 400): (0.050, 0.991),
}  # fmt: skip
RATE = (
    "k1 as before_numerator, n as before_denominator, k2 as after_numerator, n as after_denominator"
)


@pytest.mark.parametrize(("rate", "size"), RATES)
def test_effects_on_rates_are_found_as_often_as_stated(
    memory: duckdb.DuckDBPyConnection, draws: Draws, rate: float, size: int
) -> None:
    rows, (false, power) = 20_000, RATES[rate, size]
    before = draws.binomial(rate, size, rows)
    for true, stated in ((rate, false), (1.3 * rate, power)):
        after = draws.binomial(true, size, rows)
        table(memory, {"k1": before, "k2": after, "n": [float(size)] * rows})
        up, down = shares(memory, "wilson", RATE)
        assert up + down == near(stated, rows)
        if true == rate and size < 400:  # 0.057 of rate 0.5 at 100 is the worst that is stated
            assert up + down <= 0.058 + 4 * math.sqrt(0.05 * 0.95 / rows)


WEEKS = 12
COUNTS = {30: (0.050, 0.190), 100: (0.049, 0.510), 400: (0.051, 0.976)}


def weekly(memory: duckdb.DuckDBPyConnection, before: list[float], after: list[float]) -> None:
    """Write decisions with both windows' totals and dispersion, from the counts of their weeks."""
    table(memory, {"b": before, "a": after})
    measure = macros().dispersion(f"{WEEKS}e0", "k1", "q1", "k2", "q2")
    memory.execute(
        f"""
        create or replace table sim as
        select id, k1, k2, {measure} as d from (
            select id // {WEEKS} as id, sum(b) as k1, sum(b * b) as q1, sum(a) as k2,
                sum(a * a) as q2
            from sim group by id // {WEEKS}
        )
        """
    )


WEEKLY = "k1 as before_numerator, k2 as after_numerator, d as dispersion"


@pytest.mark.parametrize("size", COUNTS)
def test_effects_on_counts_are_found_as_often_as_stated(
    memory: duckdb.DuckDBPyConnection, draws: Draws, size: int
) -> None:
    """The check for dispersion costs no more than 2 points of the power that is stated."""
    rows, (false, power) = 8_000, COUNTS[size]
    before = draws.poisson(size / WEEKS, rows * WEEKS)
    for true, stated in ((1.0, false), (1.3, power)):
        weekly(memory, before, draws.poisson(true * size / WEEKS, rows * WEEKS))
        found = sum(shares(memory, "count", WEEKLY))
        error = 4 * math.sqrt(stated * (1 - stated) / rows)
        assert stated - 0.02 - error <= found <= stated + error


def test_scatter_beyond_poisson_is_not_taken_for_an_effect(
    memory: duckdb.DuckDBPyConnection, draws: Draws
) -> None:
    """Variance twice the mean: section 7 measured false effects in 0.166 of decisions without."""
    rows = 6_000
    before, after = (draws.negative_binomial(100 / WEEKS, 2, rows * WEEKS) for _ in range(2))
    weekly(memory, before, after)
    assert sum(shares(memory, "count", COUNT.replace("c", "k"))) == near(0.166, rows)
    assert sum(shares(memory, "count", WEEKLY)) == near(0.075, rows)


MEANS = {
    (0.5, 30): (0.049, 0.472), (0.5, 100): (0.050, 0.937), (0.5, 400): (0.053, 1.0),
    (1.0, 30): (0.038, 0.113), (1.0, 100): (0.043, 0.310), (1.0, 400): (0.048, 0.815),
}  # fmt: skip
MEAN = (
    "n as before_denominator, s1 as before_numerator, q1 as before_squares,"
    " n as after_denominator, {0} * s2 as after_numerator, {0} * {0} * q2 as after_squares"
)


@pytest.mark.parametrize(("sigma", "size"), MEANS)
def test_effects_on_means_are_found_as_often_as_stated(
    memory: duckdb.DuckDBPyConnection, sigma: float, size: int
) -> None:
    rows = 4_000 if size < 400 else 1_500
    memory.execute("select setseed(0.7)")
    drawn = f"exp({sigma} * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))"
    memory.execute(
        f"""
        create table sim as
        select id, {size}e0 as n, sum(x) as s1, sum(x * x) as q1, sum(y) as s2, sum(y * y) as q2
        from (select i // {size} as id, {drawn} as x, {drawn} as y from range({rows * size}) t(i))
        group by id
        """
    )
    for true, stated in zip(("1e0", "1.3e0"), MEANS[sigma, size], strict=True):
        assert sum(shares(memory, "mean", MEAN.format(true))) == near(stated, rows, 20_000)


def test_a_market_that_grows_is_no_effect_beside_a_control(
    memory: duckdb.DuckDBPyConnection, draws: Draws
) -> None:
    """Everything grows by 20 %: without the control 0.27 are false; it costs little power."""
    rows = 20_000
    sides = COUNT + ", k1 as control_before_numerator, k2 as control_after_numerator"
    columns = {
        "c1": draws.poisson(100, rows),
        "c2": draws.poisson(120, rows),
        "k1": draws.poisson(1000, rows),
        "k2": draws.poisson(1200, rows),
    }
    table(memory, columns)
    assert sum(shares(memory, "count", sides)) == near(0.270, rows)
    assert sum(shares(memory, "count", sides, "vs_control")) == near(0.049, rows)
    table(memory, {**columns, "c2": draws.poisson(156, rows)})
    assert sum(shares(memory, "count", sides, "vs_control")) == near(0.490, rows)


def test_a_rate_beside_a_control_is_flagged_falsely_in_one_of_twenty(
    memory: duckdb.DuckDBPyConnection, draws: Draws
) -> None:
    """Both rates rise from 0.2 to 0.26."""
    rows = 20_000
    sides = RATE + (
        ", k3 as control_before_numerator, m as control_before_denominator,"
        " k4 as control_after_numerator, m as control_after_denominator"
    )
    columns = {
        "k1": draws.binomial(0.2, 200, rows),
        "k2": draws.binomial(0.26, 200, rows),
        "n": [200.0] * rows,
        "k3": draws.binomial(0.2, 800, rows),
        "k4": draws.binomial(0.26, 800, rows),
        "m": [800.0] * rows,
    }
    table(memory, columns)
    alone = sum(shares(memory, "wilson", sides))
    beside = sum(shares(memory, "wilson", sides, "vs_control"))
    assert alone > 0.2
    assert beside == pytest.approx(0.048, abs=4 * math.sqrt(0.05 * 0.95 / rows))


@pytest.mark.parametrize("triggers", [1, 2])
def test_deciding_on_the_worst_of_ten_shows_no_effect_by_itself(
    memory: duckdb.DuckDBPyConnection, draws: Draws, triggers: int
) -> None:
    """Ten equal campaigns of 30 a month, the decision on the one with the worst last one or two.

    The baseline that ends two months earlier gives false "up" in 0.025; one that holds what
    triggered the decision does not.
    """
    rows = 10_000
    months = [draws.poisson(30, rows * 10) for _ in range(5)]
    picked = [
        min(
            range(10 * i, 10 * i + 10),
            key=lambda one: sum(months[-back][one] for back in range(1, triggers + 1)),
        )
        for i in range(rows)
    ]
    own = [[month[one] for one in picked] for month in months]
    after = draws.poisson(90, rows)
    clean = [sum(counts) for counts in zip(*own[:3], strict=True)]
    dirty = [sum(counts) for counts in zip(*own[2:], strict=True)]
    table(memory, {"c1": clean, "c2": after})
    assert shares(memory, "count", COUNT)[0] == near(0.025, rows)
    table(memory, {"c1": dirty, "c2": after})
    assert shares(memory, "count", COUNT)[0] > 0.06


# The pace of a running month.


def test_pace_equals_its_reference() -> None:
    columns, cases = vectors("pace")
    days = ("w_total", "w_elapsed")
    expected = macros().expected_so_far("target", *days)
    formulas = {
        "expected": expected,
        "pace": f"actual / nullif({expected}, 0)",
        "projection": macros().projected("actual", *days),
        "lo": macros().count_projection("actual", *days, "-"),
        "hi": macros().count_projection("actual", *days, "+"),
        "needed_per_day": macros().needed_per_day("target", "actual", "(w_total - w_elapsed)"),
    }
    rows = rows_of([column for column in columns if column != "asof"], cases)
    sql = f"select {', '.join(formulas.values())} from {rows} order by id"
    assert_equal(duckdb.execute(sql).fetchall(), cases, list(formulas))


def test_a_sum_of_money_is_projected_by_the_days_that_are_over() -> None:
    """Days of 90, 110 and 100 of 12: t(2) = 4.303, deviation 10, 10 × 4.303 × root of 9 × 4."""
    macro = macros().sum_projection
    found = duckdb.execute(
        "select {}, {} from (values (3e2, 302e2, 12e0, 3e0)) as t(a, q, w, e)".format(
            *(macro("a", "q", "w", "e", sign) for sign in "-+")
        )
    ).fetchone()
    assert found == pytest.approx((1200 - 258.2, 1200 + 258.2), rel=1e-2)
