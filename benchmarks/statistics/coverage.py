"""How often 95 % intervals hold the truth: enumerated where that is possible, else simulated.

The mean says whether a method is honest on the whole, the minimum where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.statistics.macros import NORMAL, database, macros

BOUNDS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "poisson_bounds.csv"
SAMPLES = 20_000


@dataclass(frozen=True)
class Coverage:
    """Shares of intervals that hold the truth; `reference` is the statistics note's figure."""

    method: str
    size: str
    mean: float
    minimum: float
    worst: str
    reference: str = ""


def binomial(k: str, n: str, p: str) -> str:
    """Return SQL of the binomial probability of `k` out of `n`."""
    choose = f"lgamma({n} + 1) - lgamma({k} + 1) - lgamma({n} - {k} + 1)"
    return f"exp({choose} + {k} * ln({p}) + ({n} - {k}) * ln(1 - {p}))"


def wilson() -> Iterator[Coverage]:
    """Enumerate Wilson's interval over 500 rates from 0.002 to 0.5."""
    noted = {10: "0.954 / 0.842", 100: "0.951 / 0.910", 500: "min 0.920", 2000: "min 0.931"}
    for n, note in noted.items():
        bounds = f"""select k::double as k, {macros().wilson_lower("k::double", f"{n}e0")} as lo,
            {macros().wilson_upper("k::double", f"{n}e0")} as hi from range({n + 1}) as t(k)"""
        rates = "select 0.002 + i * 0.498 / 499 as p from range(500) as t(i)"
        weight = binomial("k", f"{n}e0", "p")
        held = f"""select p as setting, sum(if(p between lo and hi, {weight}, 0)) as held
            from ({rates}), ({bounds}) group by p"""
        yield _summary(duckdb.connect(), held, "Wilson, a share", f"n = {n}", note, "rate")


def poisson() -> Iterator[Coverage]:
    """Enumerate the exact bounds up to 100 events and Byar's beyond."""
    noted = {"0.5 to 50": "0.953 to 0.988", "50 to 300": ""}
    for (size, note), means in zip(noted.items(), ("0.5 + i * 0.5", "50 + i * 2.5"), strict=True):
        k = "k::double"
        bounds = f"""select k::double as k,
            coalesce(lower_95, {macros().byar_lower(k)}) as lo,
            coalesce(upper_95, {macros().byar_upper(k)}) as hi
            from range(500) as t(k) left join '{BOUNDS}' on k = events"""
        pmf = "exp(-mu + k * ln(mu) - lgamma(k + 1))"
        held = f"""select mu as setting, sum(if(mu between lo and hi, {pmf}, 0)) as held
            from (select {means} as mu from range(100) as m(i)), ({bounds}) group by mu"""
        method = "Poisson, a count and a cost per count"
        yield _summary(duckdb.connect(), held, method, f"mean {size}", note, "mean")


def means() -> Iterator[Coverage]:
    """Simulate the t interval from sums over normal and skewed data."""
    shapes = {
        "normal": (NORMAL, 0.0, "0.950 0.949 0.951 0.949"),
        "exponential": ("-ln(1 - random())", 1.0, "0.883 0.926 0.941 0.948"),
        "lognormal, sigma 1": (f"exp({NORMAL})", 1.6487212707, "0.820 0.885 0.917 0.939"),
        "lognormal, sigma 1.5": (f"exp(1.5 * {NORMAL})", 3.0802168489, "0.685 0.788 0.850 0.900"),
    }
    for shape, (draw, truth, notes) in shapes.items():
        for n, note in zip((5, 30, 100, 400), notes.split(), strict=True):
            samples = SAMPLES if n < 400 else SAMPLES // 4
            held = f"""
                select 0 as setting, avg(if({truth} between
                    {macros().mean_bound("n", "s", "ss", "-")}
                    and {macros().mean_bound("n", "s", "ss", "+")}, 1, 0)) as held
                from (
                    select count(*)::double as n, sum(x) as s, sum(x * x) as ss
                    from (select i, {draw} as x from range({samples}) as a(i), range({n}) as b(j))
                    group by i
                )"""
            yield _summary(database(3), held, f"t, a mean of {shape} values", f"n = {n}", note, "")


def newcombe() -> Iterator[Coverage]:
    """Enumerate Newcombe's difference over rates 0.01 to 0.5 and ratios 0.5 to 1.8."""
    noted = {
        (10, 10): "0.979 / 0.936",
        (30, 30): "0.973 / 0.941",
        (100, 100): "0.964 / 0.944",
        (20, 200): "0.955 / 0.941",
    }
    for (n1, n2), note in noted.items():
        sides = ("k1", f"{n1}e0", "k2", f"{n2}e0")
        held = f"""
            with bounds as (
                select k1, k2, {macros().newcombe_lower(*sides)} as lo,
                    {macros().newcombe_upper(*sides)} as hi
                from (select a::double as k1 from range({n1 + 1}) as t(a)),
                    (select b::double as k2 from range({n2 + 1}) as t(b))
            ), rates as (
                select p1, p1 * ratio as p2
                from (select 0.01 + i * 0.035 as p1 from range(15) as t(i)),
                    (select 0.5 + i * 0.1 as ratio from range(14) as t(i))
                where p1 * ratio <= 0.9
            )
            select p1 as setting, p2, sum(if(p2 - p1 between lo and hi,
                {binomial("k1", f"{n1}e0", "p1")} * {binomial("k2", f"{n2}e0", "p2")}, 0)) as held
            from rates, bounds group by p1, p2"""
        name = "Newcombe, a difference of shares"
        yield _summary(duckdb.connect(), held, name, f"n = {n1} and {n2}", note, "first rate")


def shrunk() -> Iterator[Coverage]:
    """Simulate groups of rates that scatter like a beta distribution around a common one."""
    noted = {3: "0.931 / 0.886", 5: "0.940 / 0.892", 8: "0.946 / 0.908"}
    noted |= {20: "0.957 / 0.935", 50: "0.963 / 0.943"}
    for cells, note in noted.items():
        db = database(53)
        db.execute("create table settings (setting double, strength double)")
        db.execute(
            "insert into settings select p, m from (values (0.02), (0.05), (0.2)) as a(p),"
            " (values (20), (100), (1e9)) as b(m)"
        )
        _draw_groups(db, cells, groups=4000 // (1 + cells // 20))
        rates = macros().shrunk_rates("cells")
        held = f"""
            select setting, strength,
                avg(if(truth between shrunk_lower_95 and shrunk_upper_95, 1, 0)) as held
            from ({rates}) inner join cells using (group_key, cell) group by setting, strength"""
        name = "Paulson, a shrunk rate"
        yield _summary(db, held, name, f"{cells} levers", note, "common rate")


def _draw_groups(db: duckdb.DuckDBPyConnection, cells: int, groups: int) -> None:
    """Fill `cells`: trials lognormal (median 150), rates by the inverse of a tabulated beta law."""
    a, b = "setting * strength", "(1 - setting) * strength"
    log_density = f"({a} - 1) * ln(x) + ({b} - 1) * ln(1 - x)"
    db.execute(
        f"""
        create table grid as
        select setting, strength, x, sum(w) over (partition by setting, strength order by i)
            / sum(w) over (partition by setting, strength) as upper_end,
            (sum(w) over (partition by setting, strength order by i) - w)
            / sum(w) over (partition by setting, strength) as lower_end
        from (
            select *,
                exp(({log_density}) - max({log_density}) over (partition by setting, strength))
                * (power((i + 1) / 3000, 3) - power(i / 3000, 3)) as w
            from (
                select setting, strength, i, power((i + 0.5) / 3000, 3) as x
                from settings, range(3000) as t(i) where strength < 1e6
            )
        );
        create table drawn as
        select setting, strength, g, cell, random() as u,
            greatest(1e0, round(150 * exp({NORMAL}))) as trials
        from settings, range({groups}) as a(g), range({cells}) as b(cell);
        create table rated as
        select drawn.*, coalesce(grid.x, drawn.setting) as truth
        from drawn left join grid
            on drawn.setting = grid.setting and drawn.strength = grid.strength
            and drawn.u >= grid.lower_end and drawn.u < grid.upper_end;
        create table cells as
        select setting, strength, truth, concat(setting, ' ', strength, ' ', g) as group_key,
            cell, trials, sum(if(random() < truth, 1, 0))::double as hits
        from (select *, unnest(range(trials::bigint)) from rated)
        group by all
        """
    )


def _summary(
    db: duckdb.DuckDBPyConnection, held: str, method: str, size: str, note: str, at: str
) -> Coverage:
    """Return mean and minimum of `held` over the settings `at`."""
    row = db.execute(
        f"select avg(held), min(held), arg_min(setting, held) from ({held})"
    ).fetchone()
    assert row is not None
    where = f"{at} {row[2]:.3g}" if at else ""
    return Coverage(method, size, float(row[0]), float(row[1]), where, note)
