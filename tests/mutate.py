"""`python -m tests.mutate`: break the SQL; a check of `make test` must fail each time.

The checks, tried in this order on one changed project: the unit tests of the models that a mutation
reaches (tests/test_rules.py runs all of them), the simulated company's figures against its ground
truth (tests/test_simulated_company.py), and the file of tests that the mutation names, by default
test_kpis.py. A mutation that all let pass has survived: a defect of the tests. The list is
tests/mutations.yml; a stopped run is taken up again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from extractors import run
from sandbox.serve import running
from tests.prove import ROOT, code_version
from tests.truth import Figures, counted, differences, published_in

LIST = Path(__file__).with_name("mutations.yml")
PROJECT = ROOT / "dbt_project"
LAST = date(2026, 11, 22)


@cache
def mutations() -> list[dict[str, Any]]:
    """Return the list as written; each text to be replaced occurs once in its file."""
    found: list[dict[str, Any]] = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return found


def name_of(mutation: dict[str, Any]) -> str:
    """Return one line that tells a mutation from all others."""
    text = mutation["new"].strip() or f"without {mutation['old'].strip()}"
    what = " ".join(text.split())[:60]
    return f"{mutation['kpi']}: {mutation['kind']} in {mutation['file']}: {what}"


def changed(text: str, mutation: dict[str, Any]) -> str:
    """Return the file's text with the mistake in it.

    Raises: ValueError when the text to replace does not occur exactly once.
    """
    for change in (mutation, *([mutation["also"]] if "also" in mutation else [])):
        if text.count(change["old"]) != 1:
            raise ValueError(
                f"{mutation['file']}: {change['old']!r} occurs {text.count(change['old'])} times"
            )
        text = text.replace(change["old"], change["new"])
    return text


@dataclass(frozen=True)
class Bench:
    """A built company whose true figures are known, and a copy of the project to break."""

    folder: Path
    truth: Figures

    @property
    def project(self) -> Path:
        return self.folder / "clone" / "dbt_project"

    def try_out(self, mutation: dict[str, Any]) -> str:
        """Return the name of the check that fails, or "survived"."""
        file = self.project / mutation["file"]
        sound = file.read_text(encoding="utf-8")
        try:
            file.write_text(changed(sound, mutation), encoding="utf-8")
            shutil.copy(self.folder / "built.duckdb", self.folder / "warehouse.duckdb")
            reached = mutation.get("reach") or _reached(mutation["file"])
            if self._dbt("test", "--select", *(f"{one},test_type:unit" for one in reached)):
                return "unit tests"
            if self._dbt("run", "--select", *(f"{one}+,+kpi_values" for one in reached)):
                return "the build"
            wrong = differences(published_in(self.folder / "warehouse.duckdb"), self.truth)
            if wrong:
                return f"ground truth ({len(wrong)} figures)"
            tests = mutation.get("test", "tests/test_kpis.py")
            return tests if self._pytest(tests) else "survived"
        finally:
            file.write_text(sound, encoding="utf-8")

    def _pytest(self, tests: str) -> int:
        """Run a file of tests on the copy; 0 where all pass."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
                *("-k", "not metricflow", tests),
            ],
            cwd=self.folder / "clone",
            env={**os.environ, "PYTHONPATH": str(self.folder / "clone")},
            capture_output=True,
            check=False,
        )
        return done.returncode

    def _dbt(self, *arguments: str) -> int:
        """Run dbt on the copy; 0 where all is well, and where it found nothing to do."""
        target = ("--target-path", self.folder / "target", "--log-path", self.folder / "logs")
        done = subprocess.run(
            [Path(sys.executable).with_name("dbt"), "--quiet", *arguments, *target],
            cwd=self.project,
            env={
                **os.environ,
                "BEYOND_LIKES_WAREHOUSE": str(self.folder / "warehouse.duckdb"),
                "DBT_PROFILES_DIR": ".",
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            },
            capture_output=True,
            check=False,
        )
        return done.returncode


def _reached(file: str) -> list[str]:
    """Return the models that a file changes: itself, or all that a macro or a metric may reach."""
    path = Path(file)
    if path.suffix == ".yml":
        return ["metric_days", "kpi_definitions"]
    return ["kpi_campaigns"] if path.parts[0] == "macros" else [path.stem]


def prepare(folder: Path) -> Bench:
    """Let a small company live through a night and keep its warehouse and true figures."""
    out = folder / "company"
    with running(out, last_day=LAST, days=300, scale=0.15) as sandbox:
        sandbox.set_day(LAST)
        run.extract_all(out / "sources.yml", run.plan(out / "sources.yml", LAST))
        run.load(out / "sources.yml")
        run.build(out / "sources.yml", LAST)
        truth = counted(sandbox)
    ignore = shutil.ignore_patterns("target", "logs", "__pycache__")
    for name in ("dbt_project", "tests", "extractors", "sandbox", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, folder / "clone" / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder / "clone")
    shutil.move(out / "data" / "warehouse.duckdb", folder / "built.duckdb")
    bench = Bench(folder, truth)
    if differences(published_in(folder / "built.duckdb"), truth):
        raise SystemExit("the unchanged project differs from the ground truth: mend that first")
    return bench


def main() -> int:
    """Try the mutations that the results file does not hold yet; exit 1 where one survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "prove" / "mutations.jsonl")
    parser.add_argument("--only", help="part of the names to try")
    chosen = parser.parse_args()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    lines = chosen.out.read_text("utf-8").splitlines() if chosen.out.exists() else []
    version = code_version()
    results = [one for one in map(json.loads, lines) if one["version"] == version]
    known = {one["name"] for one in results}
    named = {name_of(mutation): mutation for mutation in mutations()}
    todo = {k: m for k, m in named.items() if k not in known and (chosen.only or "") in k}
    with tempfile.TemporaryDirectory(prefix="beyond-likes-mutants-") as folder:
        bench = prepare(Path(folder)) if todo else None
        for name, mutation in todo.items():
            assert bench is not None
            results.append({"version": version, "name": name, "check": bench.try_out(mutation)})
            with chosen.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(results[-1]) + "\n")
            print(f"{results[-1]['check']}: {name}", flush=True)
    survived = [one["name"] for one in results if one["check"] == "survived"]
    print(f"{len(results)} mutations, {len(survived)} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
