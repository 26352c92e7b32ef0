"""`python -m tests.trials`: a night disturbed in every way of tests/disturbances/, then mended.

One trial is a disturbance, what was said about it, and a normal run; after that every raw table,
fact and KPI must equal the undisturbed night's. The moments come from the seed. A stopped proof
goes on where it stopped, unless the code has changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import warm
from tests.disturbances import EVENING, MORNING, SHORT
from tests.ground import Case, Ground
from tests.prove import ROOT, code_version


def trial(ground: Ground, name: str, seed: str) -> dict[str, Any]:
    """Disturb one copy of the company and run normally; return what came of it.

    Shape: name, hits (disturbances that met their mark), said (one sentence of each kind that the
    user saw), problems (empty: everything equals the undisturbed night).
    """
    base = ground.before if name in EVENING else ground.quiet
    case = Case(ground, ground.copy(base, "trial"), random.Random(f"{seed} {name}"))
    try:
        {**EVENING, **MORNING}[name](case)
        problems = case.compare()
    except Exception as error:
        problems = [f"{type(error).__name__}: {error}"]
    if not case.hits:
        problems.append("the disturbance met nothing")
    return {"name": name, "hits": case.hits, "said": case.said[:3], "problems": problems}


@contextmanager
def warmed() -> Iterator[None]:
    """Let this process's commands be forked, as in pytest."""
    with tempfile.TemporaryDirectory(prefix="beyond-likes-trials-") as folder:
        os.environ[warm.SHARED] = folder
        warm.hold()
        yield


def main() -> int:
    """Run the trials that the results file does not hold yet; exit 1 where one found a problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[*EVENING, *MORNING], action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="a few exports, no build")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "prove" / "trials.jsonl")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else a shell's & hides it from all
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    version = f"{code_version()} {'short' if chosen.short else 'whole'}"
    lines = chosen.out.read_text("utf-8").splitlines() if chosen.out.exists() else []
    results = [one for one in map(json.loads, lines) if one["version"] == version]
    done = {(one["name"], one["seed"]) for one in results}
    names = chosen.only or (SHORT if chosen.short else [*EVENING, *MORNING])
    seeds = [f"{chosen.seed}.{number}" for number in range(chosen.times)]
    todo = [(name, seed) for seed in seeds for name in names if (name, seed) not in done]
    folder = tempfile.TemporaryDirectory(prefix="beyond-likes-ground-")
    if todo:
        with warmed(), folder, Ground.open(Path(folder.name), whole=not chosen.short) as ground:
            for name, seed in todo:
                begin = time.monotonic()
                results.append({"version": version, "seed": seed, **trial(ground, name, seed)})
                with chosen.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(results[-1]) + "\n")
                print(_line(results[-1], time.monotonic() - begin), flush=True)
    bad = [one for one in results if one["problems"]]
    hits = sum(one["hits"] for one in results)
    print(f"{len(results)} trials, {hits} disturbances that hit, {len(bad)} trials with problems")
    return 1 if bad else 0


def _line(result: dict[str, Any], seconds: float) -> str:
    what = "; ".join(result["problems"][:4]) or "equal"
    said = f" | {result['said'][0]}" if result["said"] else ""
    return (
        f"{result['name']} {result['seed']}: {result['hits']} hits, {what} ({seconds:.0f} s){said}"
    )


if __name__ == "__main__":
    sys.exit(main())
