"""`python -m tests.seeds`: companies of 20 seeds in two sizes; every KPI equals its ground truth.

Each company lives through two nights, the second after the platforms restated the first. A stopped
proof goes on where it stopped, unless the code has changed. `make prove` runs it after the kills.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from extractors import run
from sandbox.serve import running
from tests.prove import ROOT, code_version
from tests.truth import counted, differences, published

LAST = date(2026, 11, 22)
SIZES = {"small": 0.1, "large": 0.5}
PARSED = Path("data", "dbt", "target", "partial_parse.msgpack")


def company(seed: int, scale: float, out: Path, days: int) -> dict[str, Any]:
    """Live through the nights of one company and return what its figures say."""
    last = LAST - timedelta(days=11 * seed)  # not every company's month ends on the same day
    with running(out, last_day=last, days=days, seed=seed, scale=scale) as sandbox:
        for day in (last - timedelta(days=3), last):
            sandbox.set_day(day)
            outcomes = run.extract_all(out / "sources.yml", run.plan(out / "sources.yml", day))
            loaded = run.load(out / "sources.yml")
            errors = [error for one in [*outcomes, *loaded] for error in one["errors"]]
            if errors:
                return {"rows": 0, "differences": errors}
        run.build(out / "sources.yml", last, ("--exclude-resource-type", "unit_test"))
        run.publish(out / "sources.yml")
        ours = published(out / "data" / "published" / "marts.duckdb")
        truth = counted(sandbox)
    wrong = [f"{key}: {pair}" for key, pair in sorted(differences(ours, truth).items(), key=str)]
    return {"rows": len(truth), "differences": wrong}


def main() -> int:
    """Run the companies that the results file does not hold yet; exit 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "prove" / "seeds.jsonl")
    chosen = parser.parse_args()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    version = f"{code_version()} days {chosen.days}"
    lines = chosen.out.read_text("utf-8").splitlines() if chosen.out.exists() else []
    results = [one for one in map(json.loads, lines) if one["version"] == version]
    done = {(one["seed"], one["size"]) for one in results}
    with tempfile.TemporaryDirectory(prefix="beyond-likes-seeds-") as folder:
        for seed in range(1, chosen.seeds + 1):
            for size in SIZES.keys() - {size for number, size in done if number == seed}:
                results.append(_one(seed, size, Path(folder), chosen.days))
                with chosen.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"version": version, **results[-1]}) + "\n")
    bad = [one for one in results if one["differences"] or not one["rows"]]
    rows = sum(one["rows"] for one in results)
    print(f"{len(results)} companies, {rows} figures compared, {len(bad)} companies differ")
    return 1 if bad else 0


def _one(seed: int, size: str, folder: Path, days: int) -> dict[str, Any]:
    """Run one company in a folder of its own; dbt's parsed project goes from one to the next."""
    begin, out, kept = time.monotonic(), folder / "company", folder / PARSED.name
    if kept.exists():
        (out / PARSED).parent.mkdir(parents=True)
        shutil.copy(kept, out / PARSED)
    found = {"seed": seed, "size": size, **company(seed, SIZES[size], out, days)}
    shutil.copy(out / PARSED, kept)
    shutil.rmtree(out)
    what = "; ".join(found["differences"][:3]) or "equal"
    seconds = time.monotonic() - begin
    print(f"seed {seed} {size}: {found['rows']} figures, {what} ({seconds:.0f} s)", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
