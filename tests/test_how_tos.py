"""The how-tos that change the project, followed to the letter on a copy of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.company import KEY, parsed, rows
from tests.conftest import Platform

ROOT = Path(__file__).parents[1]
HOW_TOS = ROOT / "docs" / "how-to"
IGNORE = shutil.ignore_patterns("target", "logs", "__pycache__", "*.duckdb")


def blocks(page: str) -> dict[str, str]:
    """Return a how-to's blocks by the file, or macro, that the text before each one names last."""
    parts = (HOW_TOS / page).read_text(encoding="utf-8").split("```")
    named = [re.findall(r"`([\w./-]+\.(?:yml|csv|sql|py)|\w+\(\))`", text) for text in parts[::2]]
    pairs = zip(named, parts[1::2], strict=False)
    return {names[-1]: text.split("\n", 1)[1] for names, text in pairs if names}


@pytest.fixture(scope="module")
def charity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A non-profit's folder after the how-to's steps; the code is a copy, as it is edited."""
    folder = tmp_path_factory.mktemp("charity")
    code, own = folder / "clone", folder / "own"
    for name in ("extractors", "dbt_project"):
        shutil.copytree(ROOT / name, code / name, ignore=IGNORE)
    for name, text in blocks("add-an-industry.md").items():
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


MACROS = {"conformed_systems()": "return({", "reconciled_streams()": "set streams = ["}
CANDIDATES = (
    ("a1", "Applied", "linkedin.com", None, False),
    ("b2", "Phone Screen", "linkedin.com", None, False),
    ("c3", "Hired", "indeed.com", "2026-02-27T10:00:00Z", False),
    ("d4", "Sourced", "linkedin.com", None, True),
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code with the source of the how-to: three places, and its test."""
    code = tmp_path_factory.mktemp("source") / "clone"
    for name in ("extractors", "dbt_project", "tests", "sandbox"):
        shutil.copytree(ROOT / name, code / name, ignore=IGNORE)
    shutil.copy(ROOT / "pyproject.toml", code)
    macros = code / "dbt_project" / "macros" / "sources.sql"
    before = {file for file in code.rglob("*") if file.is_file()}
    for name, text in blocks("add-a-source.md").items():
        if name in MACROS:
            known = macros.read_text(encoding="utf-8")
            head, sign, tail = known.partition(MACROS[name])
            macros.write_text(f"{head}{sign}\n{text.rstrip()}{tail}", encoding="utf-8")
        elif "/" in name:
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            (code / name).write_text(text, encoding="utf-8")
    added = {str(f.relative_to(code)) for f in code.rglob("*") if f.is_file()} - {
        str(file.relative_to(code)) for file in before
    }
    assert {Path(name).parent.as_posix() for name in added} == {
        "extractors/sources",
        "dbt_project/models/staging/workable",
        "tests/contract",
    }
    return code


def test_a_source_of_three_places_passes_its_contract_test(clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "workable",
         "tests/contract/test_workable.py", "tests/contract/test_faults.py"],
        cwd=clone, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(clone)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("........ "), done.stdout


def test_a_source_of_three_places_reaches_the_kpis(
    clone: Path, platform: Platform, tmp_path: Path
) -> None:
    shared = {"created_at": "2026-02-25T09:00:00Z", "updated_at": "2026-02-26T09:00:00Z"}
    found = [
        {"id": number, "email": f"{number}@acme.example", "stage": stage, "domain": domain,
         "hired_at": hired, "sourced": sourced, **shared}
        for number, stage, domain, hired, sourced in CANDIDATES
    ]  # fmt: skip
    platform.says("/spi/v3/candidates", {"candidates": found, "paging": {}})
    (tmp_path / "sources.yml").write_text(
        "timezone: Europe/Berlin\ncurrency: EUR\n"
        f"sources: {{workable: {{base_url: '{platform.url}'}}}}\n"
    )
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(clone), "BEYOND_LIKES_HMAC_KEY": KEY}
    with parsed(tmp_path / "data" / "dbt" / "target"):
        done = subprocess.run(
            [sys.executable, "-m", "extractors.cli", "run", "--date", "2026-03-01"],
            cwd=tmp_path,
            env=env | {"BEYOND_LIKES_WORKABLE_ACCESS_TOKEN": "t"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    marts = tmp_path / "data" / "published" / "marts.duckdb"
    shown = rows(
        marts,
        "select application_id, platform, qualified, hired from fct_applications"
        " order by application_id",
    )
    assert shown == [
        ("a1", "linkedin", False, False),
        ("b2", "linkedin", True, False),
        ("c3", "indeed", True, True),
    ]
    coverage = "select status, rows from data_coverage where source = 'workable'"
    assert rows(marts, coverage) == [("ok", 4)]
    sides = "sum(value_before), sum(prospects), sum(difference)"
    between = "layer_before = 'raw' and measure = 'rows' and stream = 'candidates'"
    assert rows(marts, f"select {sides} from reconciliation where {between}") == [(4, 1, 0)]
