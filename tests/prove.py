"""`make prove`: kill -9 a night at 40 random moments; each time the next run must mend everything.

What a trial is, see tests/crash.py. The moments come from the seed; the phases take turns, the one
that was hit least first. A stopped proof goes on where it stopped, unless the code has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.crash import PHASES, Proof

ROOT = Path(__file__).parents[1]


def code_version(*more: str) -> str:
    """Return a checksum of everything that a proof is about, and of the folders `more`."""
    files = [
        path
        for folder in ("extractors", "dbt_project", "sandbox", *more)
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".sql", ".yml", ".csv")
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def main() -> int:
    """Run the trials that the state file does not hold yet; exit 1 where one found a problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--scale", type=float, default=0.3)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "prove")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    version = f"{code_version()} seed {chosen.seed} days {chosen.days} scale {chosen.scale}"
    file = chosen.out / "state.json"
    state = json.loads(file.read_text()) if file.exists() else {}
    done: list[dict[str, Any]] = state.get("trials", []) if state.get("version") == version else []
    print(f"{chosen.kills} kills, {_kills(done)} done before ({file})", flush=True)
    if _kills(done) < chosen.kills:
        proof = Proof(chosen.out, seed=chosen.seed, days=chosen.days, scale=chosen.scale)
        print("the night before, and a quiet night to compare with", flush=True)
        with proof.open():
            print(
                {name: round(value, 1) for name, value in (proof.seconds or {}).items()}, flush=True
            )
            while _kills(done) < chosen.kills:
                hits = Counter(trial["hit"] for trial in done)
                trial = proof.trial(len(done), (min(PHASES, key=lambda phase: hits[phase]),))
                done.append(asdict(trial))
                keep(file, {"version": version, "trials": done})
                print(_line(asdict(trial)), flush=True)
    return _summary(done)


def keep(file: Path, state: dict[str, Any]) -> None:
    """Write a state so that whoever stops this finds the old one or the new one."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(state, indent=1), encoding="utf-8")
    draft.replace(file)


def _kills(trials: list[dict[str, Any]]) -> int:
    """Return how many trials hit a running night; one that had ended by then proves nothing."""
    return sum(trial["hit"] in PHASES for trial in trials)


def _line(trial: dict[str, Any]) -> str:
    what = "; ".join(trial["problems"]) or "equal"
    who = "group" if trial["group"] else "process"
    where = f"killed {who} in {trial['hit']}" if trial["hit"] in PHASES else "ended before the kill"
    return f"{trial['number'] + 1:3} {where}: {what}; {trial['polls']} polls"


def _summary(trials: list[dict[str, Any]]) -> int:
    hits = Counter(trial["hit"] for trial in trials)
    bad = [trial for trial in trials if trial["problems"]]
    polls = sum(trial["polls"] for trial in trials)
    where = ", ".join(f"{hits[phase]} in {phase}" for phase in PHASES)
    print(f"{_kills(trials)} kills: {where}; {polls} polls of readers; {len(bad)} with problems")
    for trial in bad:
        print(_line(trial))
    missing = set(PHASES) - set(hits)
    if missing:
        print(f"never hit: {', '.join(sorted(missing))}")
    return 1 if bad or missing else 0


if __name__ == "__main__":
    sys.exit(main())
