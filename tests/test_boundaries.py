"""The boundaries between packages hold, and the lint that holds them can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    leave = shutil.ignore_patterns("__pycache__")
    for package in ("extractors", "dashboard"):
        shutil.copytree(ROOT / package, folder / package, ignore=leave)
    return folder


def test_every_boundary_holds(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout
    assert "5 kept, 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("core/http.py", "import airflow", "neither Airflow nor dbt"),
        ("run.py", "import dbt.cli.main", "neither Airflow nor dbt"),
        ("core/loader.py", "import extractors.sources.linkedin", "never back"),
        ("sources/zendesk.py", "import extractors.config", "never back"),
        ("run.py", "import extractors.cli", "never back"),
        ("sources/zendesk.py", "import extractors.sources.hubspot", "another source"),
        ("run.py", "import sandbox", "knows the sandbox"),
        ("run.py", "import dashboard.page", "the dashboard"),
        ("stray.py", "", "never back"),
        ("../dashboard/marts.py", "import extractors.run", "reads a release"),
    ],
)
def test_a_planted_violation_is_found(copy: Path, module: str, line: str, broken: str) -> None:
    file = copy / "extractors" / module
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        result = lint(copy)
    finally:
        file.unlink() if before is None else file.write_text(before)
    assert result.returncode == 1
    assert [row for row in result.stdout.splitlines() if broken in row and "BROKEN" in row]
