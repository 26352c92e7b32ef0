"""The how-tos that change the project, followed to the letter on a copy of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.company import KEY, parsed, rows
from tests.conftest import serve

ROOT = Path(__file__).parents[1]
HOW_TOS = ROOT / "docs" / "how-to"
IGNORE = shutil.ignore_patterns("target", "logs", "__pycache__", "*.duckdb")


def blocks(page: str) -> dict[str, str]:
    """Return a how-to's blocks by the file, or macro, that the text before each one names last."""
    parts = (HOW_TOS / page).read_text(encoding="utf-8").split("```")
    named = [re.findall(r"`([\w./-]+\.(?:yml|csv|sql|py)|\w+\(\))`", text) for text in parts[::2]]
    pairs = zip(named, parts[1::2], strict=False)
    return {names[-1]: text.split("\n", 1)[1] for names, text in pairs if names}


MACROS = {"conformed_systems()": "return({", "reconciled_streams()": "set streams = ["}
SECRETS = {"BEYOND_LIKES_HMAC_KEY": KEY, "BEYOND_LIKES_WORKABLE_ACCESS_TOKEN": "t"}
CANDIDATES = (
    ("a1", "Applied", "linkedin.com", None, False),
    ("b2", "Phone Screen", "linkedin.com", None, False),
    ("c3", "Hired", "indeed.com", "2026-02-27T10:00:00Z", False),
    ("d4", "Sourced", "linkedin.com", None, True),
)


@dataclass(frozen=True)
class Followed:
    """A copy of the code that both how-tos have changed, and a charity's folder."""

    code: Path
    own: Path

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.code)}

    @property
    def marts(self) -> Path:
        return self.own / "data" / "published" / "marts.duckdb"


def add_an_industry(code: Path, own: Path) -> None:
    for name, text in blocks("add-an-industry.md").items():
        if name.startswith("dbt_project/seeds"):
            with (code / name).open("a", encoding="utf-8") as file:
                file.write(text)
        else:
            file_path = code / name if name.startswith("dbt_project") else own / name
            file_path.parent.mkdir(parents=True, exist_ok=True)
            file_path.write_text(text, encoding="utf-8")


def add_a_source(code: Path) -> None:
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


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """The code and the charity's folder after the steps of both how-tos."""
    folder = tmp_path_factory.mktemp("followed")
    code, own = folder / "clone", folder / "own"
    for name in ("extractors", "dbt_project", "tests", "sandbox"):
        shutil.copytree(ROOT / name, code / name, ignore=IGNORE)
    shutil.copy(ROOT / "pyproject.toml", code)
    add_a_source(code)
    add_an_industry(code, own)
    return Followed(code, own)


@pytest.fixture(scope="module")
def followed(changed: Followed) -> Followed:
    """The charity's night: its own export, and Workable as the how-to says it answers."""
    shared = {"created_at": "2026-02-25T09:00:00Z", "updated_at": "2026-02-26T09:00:00Z"}
    candidates = [
        {"id": number, "email": f"{number}@acme.example", "stage": stage, "domain": domain,
         "hired_at": hired, "sourced": sourced, **shared}
        for number, stage, domain, hired, sourced in CANDIDATES
    ]  # fmt: skip
    settings = changed.own / "sources.yml"
    with contextmanager(serve)() as platform, parsed(changed.own / "data" / "dbt" / "target"):
        platform.says("/spi/v3/candidates", {"candidates": candidates, "paging": {}})
        line = f"sources:\n  workable: {{base_url: '{platform.url}'}}"
        settings.write_text(settings.read_text("utf-8").replace("sources:", line), "utf-8")
        checked, done = (
            subprocess.run(
                [sys.executable, "-m", "extractors.cli", *command.split()],
                cwd=changed.own,
                env={**changed.env, **SECRETS},
                capture_output=True,
                text=True,
                check=False,
            )
            for command in ("check workable", "run --date 2026-04-30")
        )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    return changed


@pytest.mark.long
def test_an_industry_is_added_without_a_macro(followed: Followed) -> None:
    """Two of three social donations are first gifts; 50 + 20 + 30 EUR; 40 EUR were spent."""
    found = rows(
        followed.marts,
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


@pytest.mark.long
def test_its_campaigns_have_outcomes_and_cost(followed: Followed) -> None:
    found = rows(
        followed.marts,
        "select campaign, goal, outcomes, cost, round(cost_per_outcome, 2) from kpi_campaigns",
    )
    assert found == [("Wells 2026", "donations", 3, 40, 13.33)]


@pytest.mark.long
def test_its_kpis_are_on_the_scorecard(followed: Followed) -> None:
    found = rows(
        followed.marts,
        "select kpi, department, value from kpi_scorecard where goal = 'donations' order by kpi",
    )
    assert [row[0] for row in found] == [
        "cost_per_donation",
        "donated_amount",
        "donations",
        "first_gift_share",
    ]
    assert {row[1] for row in found} == {"fundraising"}


def test_a_source_of_three_places_passes_its_contract_test(changed: Followed) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "workable",
         "tests/contract/test_workable.py", "tests/contract/test_faults.py"],
        cwd=changed.code, capture_output=True, text=True, check=False,
        env=changed.env,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("........ "), done.stdout


@pytest.mark.long
def test_a_source_of_three_places_reaches_the_kpis(followed: Followed) -> None:
    shown = rows(
        followed.marts,
        "select application_id, platform, qualified, hired from fct_applications"
        " order by application_id",
    )
    assert shown == [
        ("a1", "linkedin", False, False),
        ("b2", "linkedin", True, False),
        ("c3", "indeed", True, True),
    ]
    coverage = "select status, rows from data_coverage where source = 'workable'"
    assert rows(followed.marts, coverage) == [("ok", 4)]
    sides = "sum(value_before), sum(prospects), sum(difference)"
    between = "layer_before = 'raw' and measure = 'rows' and stream = 'candidates'"
    assert rows(followed.marts, f"select {sides} from reconciliation where {between}") == [
        (4, 1, 0)
    ]
