"""Every rule of the SQL has dbt unit tests; here all of them run, over a company without data."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from extractors import run
from tests.company import Company

PROJECT = Path(__file__).parents[1] / "dbt_project"


def written() -> set[str]:
    """Return the names of all unit tests in the project's YAML files."""
    files = [yaml.safe_load(file.read_text("utf-8")) for file in PROJECT.glob("models/**/*.yml")]
    return {test["name"] for file in files for test in (file or {}).get("unit_tests", [])}


def test_every_unit_test_runs_and_passes(tmp_path: Path) -> None:
    company = Company(tmp_path)
    settings = company.settings("sources: {file_drop: {}}\n")
    run.build(settings, "2026-06-30", ("--exclude-resource-type", "test"))
    results = tmp_path / "data" / "dbt" / "target" / "run_results.json"
    rows = json.loads(results.read_text(encoding="utf-8"))["results"]
    passed = {
        row["unique_id"].rsplit(".", 1)[1]
        for row in rows
        if row["unique_id"].startswith("unit_test.") and row["status"] == "pass"
    }
    assert passed == written()
    assert len(passed) > 40
