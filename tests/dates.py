"""`python -m tests.dates`: nights around the days that clocks and calendars make odd.

Each company lives through the nights before, of and after the day; after each of them every KPI
equals its ground truth, counted from the events. A stopped proof goes on where it stopped.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sandbox.serve import running
from tests.prove import ROOT, code_version
from tests.seeds import PARSED
from tests.stack import live
from tests.truth import counted, differences, published

DAYS = {
    "23 hours": date(2026, 3, 29),
    "25 hours": date(2026, 10, 25),
    "leap day": date(2028, 2, 29),
    "year change": date(2026, 12, 31),
}
OUT = ROOT / "data" / "prove" / "dates.jsonl"
HISTORY, SCALE, SEED = 430, 0.1, 5  # more than a year: a day has one before


def nights(day: date, out: Path) -> dict[str, Any]:
    """Live through three nights; return how many figures were compared and what is wrong."""
    figures, wrong = 0, []
    last = day + timedelta(days=1)
    with running(out, last_day=last, days=HISTORY, scale=SCALE, seed=SEED) as sandbox:
        for night in (day - timedelta(days=1), day, last):
            wrong += live(sandbox, out / "sources.yml", [night])
            truth = counted(sandbox)
            ours = published(out / "data" / "published" / "marts.duckdb")
            figures += len(truth)
            wrong += [f"{night} {key}: {pair}" for key, pair in differences(ours, truth).items()]
    return {"figures": figures, "wrong": wrong}


def main() -> int:
    """Print a line a day; exit 1 where anything differs."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    version = code_version()
    lines = OUT.read_text("utf-8").splitlines() if OUT.exists() else []
    done = {one["name"]: one for one in map(json.loads, lines) if one["version"] == version}
    with tempfile.TemporaryDirectory(prefix="beyond-likes-dates-") as folder:
        kept = Path(folder, PARSED.name)
        for name, day in DAYS.items():
            if name in done:
                continue
            begin, out = time.monotonic(), Path(folder, "company")
            if kept.exists():
                (out / PARSED).parent.mkdir(parents=True)
                shutil.copy(kept, out / PARSED)
            done[name] = {"version": version, "name": name, **nights(day, out)}
            shutil.copy(out / PARSED, kept)
            shutil.rmtree(out)
            with OUT.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done[name]) + "\n")
            what = "; ".join(done[name]["wrong"][:3]) or "equal"
            seconds = time.monotonic() - begin
            print(f"{name}, {day}: {done[name]['figures']} figures, {what} ({seconds:.0f} s)")
    bad = [one for one in done.values() if one["wrong"] or not one["figures"]]
    figures = sum(one["figures"] for one in done.values())
    print(
        f"{3 * len(done)} nights around {len(done)} odd days, {figures} figures, {len(bad)} differ"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
