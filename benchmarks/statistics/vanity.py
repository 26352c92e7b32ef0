"""Vanity verdicts on simulated companies: how often the planted campaign is found, and others.

A company has 8 to 20 campaigns of one goal: impressions lognormal (sigma 0.8), engagement rate 3 %
and click rate 1 % (coefficient of variation 0.4), outcomes per click 5 % with a spread of its own
between campaigns. The planted one has three times the engagement and a quarter of the outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import duckdb

from benchmarks.statistics.macros import NORMAL, database, lognormal, macros, spread

SIZES = {5_000: "5k", 20_000: "20k", 100_000: "100k"}
SPREADS = (0.0, 0.3, 0.5)


@dataclass(frozen=True)
class Rates:
    """Shares of companies: with any flag on a campaign that was not planted, with a confirmed one,
    with one on a campaign whose true rate is within a quarter of its peers; and, where one was
    planted, with that one flagged or confirmed."""

    companies: int
    flagged: float
    confirmed: float
    false_flagged: float
    false_confirmed: float
    found: float
    found_confirmed: float


def simulate(size: int, between: float, planted: bool, companies: int, seed: int) -> Rates:
    """Return how the verdicts came out; `size` is the median of impressions per campaign."""
    db = database(seed)
    mark = "number = 1" if planted else "false"
    db.execute(
        f"""
        create table campaigns as
        select company as peer_group, number as campaign, {mark} as is_planted,
            greatest(100, round({lognormal(str(size), "0.8")})) as impressions,
            least(0.5, {spread(0.03, 0.4)}) * if({mark}, 3, 1) as engaging,
            least(0.5, {spread(0.01, 0.4)}) as clicking,
            least(0.9, {spread(0.05, between)}) * if({mark}, 0.25, 1) as converting
        from (
            select company, 8 + floor(random() * 13)::bigint as many
            from range({companies}) as c(company)
        ), range(1, 21) as n(number)
        where number <= many;
        create table counted as
        select *, {_drawn("impressions", "engaging")} as engagements,
            {_drawn("impressions", "clicking")} as trials
        from campaigns;
        create table outcomes as
        select peer_group, campaign, sum(if(random() < converting, 1, 0)) as outcomes
        from (
            select peer_group, campaign, converting, unnest(range(trials::bigint)) from counted
        )
        group by peer_group, campaign;
        create table cells as
        select counted.*, coalesce(outcomes, 0)::double as outcomes
        from counted left join outcomes using (peer_group, campaign)
        """
    )
    return Rates(companies, *_rates(db, companies))


def _drawn(trials: str, rate: str) -> str:
    """Return SQL of a binomial count whose expectation is large enough for the normal law."""
    deviation = f"sqrt({trials} * {rate} * (1 - {rate}))"
    return f"greatest(0e0, least({trials}, round({trials} * {rate} + {NORMAL} * {deviation})))"


def _rates(db: duckdb.DuckDBPyConnection, companies: int) -> list[float]:
    verdicts = macros().vanity_verdicts("cells")
    shares = ", ".join(f"sum({one.name}::int) / {companies}" for one in fields(Rates)[1:])
    row = db.execute(
        f"""
        with judged as (
            select cells.*, verdict,
                converting >= 0.75 * (
                    sum(trials * converting) over same - trials * converting
                ) / (sum(trials) over same - trials) as is_false
            from cells inner join ({verdicts}) as v using (peer_group, campaign)
            window same as (partition by peer_group)
        ), companies as (
            select
                bool_or(verdict in ('suspected', 'confirmed') and not is_planted) as flagged,
                bool_or(verdict = 'confirmed' and not is_planted) as confirmed,
                bool_or(verdict in ('suspected', 'confirmed') and not is_planted and is_false)
                    as false_flagged,
                bool_or(verdict = 'confirmed' and not is_planted and is_false) as false_confirmed,
                bool_or(verdict in ('suspected', 'confirmed') and is_planted) as found,
                bool_or(verdict = 'confirmed' and is_planted) as found_confirmed
            from judged group by peer_group
        )
        select {shares} from companies
        """
    ).fetchone()
    assert row is not None
    return [float(share) for share in row]
