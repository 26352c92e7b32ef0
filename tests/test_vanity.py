"""Vanity verdicts on simulated companies, beside the rates that were measured for the rule.

The figures are those of the statistics note, section 8 (rule B): 20,000 companies each.
"""

from __future__ import annotations

from math import sqrt

import pytest

from benchmarks.statistics.vanity import SIZES, SPREADS, simulate

COMPANIES = 2000
MEASURED_ON = 20_000
# Median impressions: for each spread between campaigns (0, 0.3, 0.5) the shares of companies.
NONE_PLANTED = {
    5_000: {"flagged": (0.010, 0.031, 0.068), "confirmed": (0.002, 0.009, 0.030)},
    20_000: {"flagged": (0.024, 0.128, 0.293), "confirmed": (0.004, 0.045, 0.169)},
    100_000: {"flagged": (0.008, 0.201, 0.472), "confirmed": (0.001, 0.161, 0.418)},
}
FALSE = {
    5_000: {"false_flagged": (0.010, 0.010, 0.005), "false_confirmed": (0.002, 0.002, 0.001)},
    20_000: {"false_flagged": (0.024, 0.025, 0.015), "false_confirmed": (0.004, 0.004, 0.002)},
    100_000: {"false_flagged": (0.008, 0.013, 0.009), "false_confirmed": (0.001, 0.004, 0.003)},
}
PLANTED = {
    5_000: {"found": (0.116, 0.114, 0.120), "found_confirmed": (0.066, 0.071, 0.080)},
    20_000: {"found": (0.574, 0.551, 0.537), "found_confirmed": (0.413, 0.402, 0.407)},
    100_000: {"found": (0.917, 0.895, 0.857), "found_confirmed": (0.866, 0.841, 0.804)},
}


@pytest.mark.parametrize("planted", [False, True])
@pytest.mark.parametrize(
    "spread", [pytest.param(n, marks=[pytest.mark.long] * (n != 1)) for n in range(len(SPREADS))]
)
@pytest.mark.parametrize("size", SIZES)
def test_detection_and_false_flags_are_as_measured(size: int, spread: int, planted: bool) -> None:
    found = simulate(size, SPREADS[spread], planted, COMPANIES, seed=7)
    tables = (PLANTED[size],) if planted else (NONE_PLANTED[size], FALSE[size])
    for name, shares in [pair for table in tables for pair in table.items()]:
        share = shares[spread]
        # four standard errors of both simulations, and half of the last digit that was printed
        error = sqrt(share * (1 - share) * (1 / COMPANIES + 1 / MEASURED_ON))
        assert getattr(found, name) == pytest.approx(share, abs=4 * error + 0.0005), name
