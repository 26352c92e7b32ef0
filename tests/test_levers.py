"""Rates of small groups, shrunk: as near to the truth as section 5 of the statistics note says."""

from __future__ import annotations

import random

import duckdb
import pytest

from benchmarks.statistics.macros import macros

# Common rate and strength of the spread around it (None: every cell has the common rate).
SETTINGS = [(rate, strength) for rate in (0.02, 0.05, 0.2) for strength in (20, 100, None)]


def drawn(levers: int, groups: int) -> list[tuple[str, int, float, float, float]]:
    """Return group, cell, true rate, hits and trials of simulated groups of all settings."""
    chance = random.Random(53)
    rows = []
    for rate, strength in SETTINGS:
        for group in range(groups):
            for lever in range(levers):
                truth = rate
                if strength:
                    truth = chance.betavariate(rate * strength, (1 - rate) * strength)
                trials = max(1, round(chance.lognormvariate(5.0106, 1)))  # median 150
                hits = sum(chance.random() < truth for _ in range(trials))
                key = f"{rate} {strength} {group}"
                rows.append((key, lever, truth, float(hits), float(trials)))
    return rows


@pytest.mark.parametrize(
    ("levers", "groups", "coverage", "error"), [(5, 150, 0.940, 0.72), (20, 50, 0.957, 0.61)]
)
def test_shrunk_rates_are_as_good_as_measured(
    levers: int, groups: int, coverage: float, error: float
) -> None:
    db = duckdb.connect()
    db.execute(
        "create table cells (group_key text, cell bigint, truth double, hits double, trials double)"
    )
    rows = drawn(levers, groups)
    db.execute(
        "insert into cells select unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
        [list(column) for column in zip(*rows, strict=True)],
    )
    found = db.execute(
        f"""
        select avg(if(truth between shrunk_lower_95 and shrunk_upper_95, 1, 0)),
            avg(error) from (
                select *, sqrt(avg((shrunk_rate - truth) ** 2) over setting)
                    / sqrt(avg((hits / trials - truth) ** 2) over setting) as error
                from ({macros().shrunk_rates("cells")}) inner join cells using (group_key, cell)
                window setting as (partition by regexp_replace(group_key, ' [0-9]+$', ''))
            )
        """
    ).fetchone()
    assert found is not None
    assert found[0] == pytest.approx(coverage, abs=0.015)
    assert found[1] == pytest.approx(error, abs=0.08)


def test_cells_that_are_no_rates_are_left_out_of_their_group() -> None:
    """More orders than clicks: no result, and the others borrow as if it were not there."""
    three = "('g', 1, 3e0, 200e0), ('g', 2, 9e0, 210e0), ('g', 3, 25e0, 400e0)"
    shrunk = macros().shrunk_rates("cells")
    ask = f"with cells(group_key, cell, hits, trials) as (values %s) from ({shrunk}) order by cell"
    alone = duckdb.execute(ask % three).fetchall()
    beside = duckdb.execute(ask % (three + ", ('g', 4, 7e0, 5e0), ('g', 5, null, 5e0)")).fetchall()
    assert beside[:3] == alone
    assert alone[0][2] == 3
    assert [row[5:] for row in beside[3:]] == [(None,) * 5] * 2
