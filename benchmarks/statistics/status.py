"""How often a KPI exactly at its target is called off, and how often a projection holds the month.

Both are enumerated: over all counts that a month can bring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from benchmarks.statistics.coverage import Coverage, binomial
from benchmarks.statistics.macros import macros

MONTHS = 12
# Statistics note, section 6, direction up / down: one look, any of 12 months, two months in a row.
FALSE_OFF = {
    (0.05, 50): ("0 / 0.038", "0 / 0.369", "0 / 0.015"),
    (0.05, 500): ("0.020 / 0.030", "0.214 / 0.307", "0.004 / 0.010"),
    (0.2, 50): ("0.019 / 0.031", "0.201 / 0.312", "0.004 / 0.010"),
    (0.2, 500): ("0.023 / 0.027", "0.249 / 0.280", "0.006 / 0.008"),
    (0.5, 50): ("0.033 / 0.033", "0.326 / 0.326", "0.011 / 0.011"),
    (0.5, 500): ("0.027 / 0.027", "0.282 / 0.283", "0.008 / 0.008"),
}
# Section 10: coverage after 5, 10 and 20 of 21 working days, by the month's target.
PROJECTED = {
    10: ("0.933", "0.947", "0.940"),
    30: ("0.943", "0.948", "0.956"),
    100: ("0.948 to 0.954",) * 3,
    400: ("0.948 to 0.952",) * 3,
}
WORKING_DAYS = 21


@dataclass(frozen=True)
class FalseOff:
    """Chances that a share exactly at its target is `off_target`: in one month, in any of twelve,
    in two of them in a row."""

    target: float
    rows: int
    direction: str
    one: float
    any_month: float
    two_in_a_row: float
    reference: tuple[str, ...]


def false_off() -> Iterator[FalseOff]:
    """Return one row per target, rows a month and direction."""
    for (target, n), notes in FALSE_OFF.items():
        for side, direction in enumerate(("up", "down")):
            one = _off(target, n, direction)
            noted = tuple(note.split(" / ")[side] for note in notes)
            yield FalseOff(target, n, direction, one, 1 - (1 - one) ** MONTHS, _run(one), noted)


def _off(target: float, n: int, direction: str) -> float:
    """Return the probability that one month's interval lies wholly on the wrong side."""
    k, trials = "k::double", f"{n}e0"
    lower, upper = macros().wilson_lower(k, trials), macros().wilson_upper(k, trials)
    status = macros().against_target("lo", "hi", f"{target}e0", f"'{direction}'")
    row = duckdb.execute(
        f"""
        select sum(if({status} = 'off_target', {binomial("k", trials, f"{target}e0")}, 0))
        from (select k, {lower} as lo, {upper} as hi from range({n + 1}) as t(k))
        """
    ).fetchone()
    assert row is not None
    return float(row[0])


def _run(chance: float) -> float:
    """Return the probability of two months in a row among MONTHS independent ones."""
    before, none = 1.0, 1.0
    for _ in range(MONTHS - 1):
        before, none = none, (1 - chance) * none + chance * (1 - chance) * before
    return 1 - none


def projections() -> Iterator[Coverage]:
    """Enumerate the projection of a month's count; the mean over 5, 10 and 20 elapsed days."""
    for target, notes in PROJECTED.items():
        held = [_projected(target, elapsed) for elapsed in (5, 10, 20)]
        worst = f"day {(5, 10, 20)[held.index(min(held))]}"
        mean = sum(held) / len(held)
        noted = notes[0] if len(set(notes)) == 1 else ", ".join(notes)
        size = f"{target} a month"
        yield Coverage("Gamma-Poisson, a month's count", size, mean, min(held), worst, noted)


def _projected(target: int, elapsed: int) -> float:
    """Return how often the interval of day `elapsed` holds the month's final count."""
    so_far, rest = (target * days / WORKING_DAYS for days in (elapsed, WORKING_DAYS - elapsed))
    days = (f"{WORKING_DAYS}e0", f"{elapsed}e0")
    lower, upper = (macros().count_projection("a", *days, sign) for sign in "-+")

    def poisson(k: str, mean: float) -> str:
        return f"exp(-{mean} + {k} * ln({mean}) - lgamma({k} + 1))"

    row = duckdb.execute(
        f"""
        select sum(if(a + b between {lower} and {upper},
            {poisson("a", so_far)} * {poisson("b", rest)}, 0))
        from (select i::double as a from range({round(so_far + 12 * so_far**0.5 + 30)}) as t(i)),
            (select i::double as b from range({round(rest + 12 * rest**0.5 + 30)}) as t(i))
        """
    ).fetchone()
    assert row is not None
    return float(row[0])
