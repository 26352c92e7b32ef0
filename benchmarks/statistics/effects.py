"""How often before and after are told apart: enumerated for two shares and for two counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from benchmarks.statistics.coverage import binomial
from benchmarks.statistics.macros import macros

# Statistics note, section 7: false positives and power at +30 %, for 30, 100 and 400 a side.
NOTED = {
    "share of 0.05": ("0.007 / 0.009", "0.036 / 0.051", "0.047 / 0.141"),
    "share of 0.2": ("0.046 / 0.075", "0.048 / 0.171", "0.050 / 0.520"),
    "share of 0.5": ("0.051 / 0.216", "0.057 / 0.589", "0.050 / 0.991"),
    "count": ("0.050 / 0.190", "0.049 / 0.510", "0.051 / 0.976"),
}


@dataclass(frozen=True)
class Power:
    """Shares of decisions that are called an effect: of those without one, and of +30 %."""

    what: str
    size: int
    false_positives: float
    power: float
    reference: str


def effects() -> Iterator[Power]:
    """Return one row per kind of KPI and size of a window."""
    for what, notes in NOTED.items():
        for n, note in zip((30, 100, 400), notes, strict=True):
            rate = float(what.rsplit(" ", 1)[1]) if "share" in what else None
            without, of_30_percent = (_called(n, rate, factor) for factor in (1.0, 1.3))
            yield Power(what, n, without, of_30_percent, note)


def _called(n: int, rate: float | None, factor: float) -> float:
    """Return the probability that the interval excludes no effect."""
    if rate is None:
        lower = macros().count_ratio_lower("k1", "k2")
        upper = macros().count_ratio_upper("k1", "k2")
        none, top = 1, 2 * n + 60
        weight = " * ".join(
            f"exp(-{mu} + {k} * ln({mu}) - lgamma({k} + 1))"
            for k, mu in (("k1", float(n)), ("k2", n * factor))
        )
    else:
        sides = ("k1", f"{n}e0", "k2", f"{n}e0")
        lower, upper = macros().newcombe_lower(*sides), macros().newcombe_upper(*sides)
        none, top = 0, n
        weight = f"{binomial('k1', f'{n}e0', f'{rate}e0')}"
        weight += f" * {binomial('k2', f'{n}e0', f'{rate * factor}e0')}"
    row = duckdb.execute(
        f"""
        select sum(if({lower} > {none} or {upper} < {none}, {weight}, 0))
        from (select a::double as k1 from range({top + 1}) as t(a)),
            (select b::double as k2 from range({top + 1}) as t(b))
        """
    ).fetchone()
    assert row is not None
    return float(row[0])
