"""The how-tos that change the project, followed to the letter on a copy of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.company import KEY, parsed, rows

ROOT = Path(__file__).parents[1]
INDUSTRY = ROOT / "docs" / "how-to" / "add-an-industry.md"


def blocks() -> dict[str, str]:
    """Return the how-to's blocks by the file that the text before each one names last."""
    parts = INDUSTRY.read_text(encoding="utf-8").split("```")
    named = [re.findall(r"`([\w./-]+\.(?:yml|csv))`", text) for text in parts[::2]]
    pairs = zip(named, parts[1::2], strict=False)
    return {names[-1]: text.split("\n", 1)[1] for names, text in pairs if names}


@pytest.fixture(scope="module")
def charity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A non-profit's folder after the how-to's steps; the code is a copy, as it is edited."""
    folder = tmp_path_factory.mktemp("charity")
    code, own = folder / "clone", folder / "own"
    ignore = shutil.ignore_patterns("target", "logs", "__pycache__", "*.duckdb")
    for name in ("extractors", "dbt_project"):
        shutil.copytree(ROOT / name, code / name, ignore=ignore)
    for name, text in blocks().items():
        if name.startswith("dbt_project/seeds"):
            with (code / name).open("a", encoding="utf-8") as file:
                file.write(text)
        else:
            file_path = code / name if name.startswith("dbt_project") else own / name
            file_path.parent.mkdir(parents=True, exist_ok=True)
            file_path.write_text(text, encoding="utf-8")
    with parsed(own / "data" / "dbt" / "target"):
        done = subprocess.run(
            [sys.executable, "-m", "extractors.cli", "run", "--date", "2026-04-30"],
            cwd=own,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(code), "BEYOND_LIKES_HMAC_KEY": KEY},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return own / "data" / "published" / "marts.duckdb"


def test_an_industry_is_added_without_a_macro(charity: Path) -> None:
    """Two of three social donations are first gifts; 50 + 20 + 30 EUR; 40 EUR were spent."""
    found = rows(
        charity,
        "select kpi, numerator, denominator, round(value, 2) from kpi_values"
        " where period_grain = 'month' and period_start = '2026-03-01'"
        " and slice = 'channel_kind' and slice_value = 'social'"
        " and kpi in ('donations', 'donated_amount', 'first_gift_share', 'cost_per_donation')"
        " order by kpi",
    )
    assert found == [
        ("cost_per_donation", 40, 3, 13.33),
        ("donated_amount", 100, None, 100),
        ("donations", 3, None, 3),
        ("first_gift_share", 2, 3, 0.67),
    ]


def test_its_campaigns_have_outcomes_and_cost(charity: Path) -> None:
    found = rows(
        charity,
        "select campaign, goal, outcomes, cost, round(cost_per_outcome, 2) from kpi_campaigns",
    )
    assert found == [("Wells 2026", "donations", 3, 40, 13.33)]


def test_its_kpis_are_on_the_scorecard(charity: Path) -> None:
    found = rows(
        charity,
        "select kpi, department, value from kpi_scorecard where goal = 'donations' order by kpi",
    )
    assert [row[0] for row in found] == [
        "cost_per_donation",
        "donated_amount",
        "donations",
        "first_gift_share",
    ]
    assert {row[1] for row in found} == {"fundraising"}
