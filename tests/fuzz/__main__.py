"""`python -m tests.fuzz`: mutated exports and mutated replies; no row or cell may go uncounted.

Each case comes from the seed and its number. Whatever is read must be in raw or counted as
rejected, replaced or lost; whatever is not must end in one sentence that names the stream or file,
with raw as it was. Any other exception, 20 CPU seconds, or memory that grows past its limit is a
finding. A stopped run goes on where it stopped, unless the code has changed.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.fuzz.cases import KINDS, Bench, peak_megabytes
from tests.prove import ROOT, code_version, keep

SAVE_EVERY = 200
MEGABYTES = 1_500


def main() -> int:
    """Run the cases that the state file does not hold yet; exit 1 where one found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    for kind in KINDS:
        parser.add_argument(f"--{kind}", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "fuzz")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    logging.disable()  # each refusal is a warning; here it is what is wanted
    file = chosen.out / "state.json"
    version = f"{code_version()} seed {chosen.seed}"
    state = json.loads(file.read_text()) if file.exists() else {}
    if state.get("version") != version:
        state = {"version": version}
    found = 0
    for kind in KINDS:
        own = state.setdefault(kind, {"done": 0, "outcomes": {}, "findings": []})
        _go_on(
            kind,
            own,
            getattr(chosen, kind),
            chosen.seed,
            lambda: keep(file, state),
        )
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(own["outcomes"].items()))
        print(f"{own['done']} {kind}: {outcomes}; {len(own['findings'])} findings", flush=True)
        print(*own["findings"][:40], sep="\n", end="\n" if own["findings"] else "")
        found += len(own["findings"])
    peak = peak_megabytes()
    print(f"at most {peak:.0f} MB of memory")
    return 1 if found or peak > MEGABYTES else 0


def _go_on(kind: str, own: dict[str, Any], count: int, seed: int, save: Any) -> None:
    folder = Path(tempfile.mkdtemp(prefix="beyond-likes-fuzz-"))
    outcomes = Counter(own["outcomes"])
    try:
        with ExitStack() as stack:
            bench = Bench(kind, folder, stack)
            for number in range(own["done"], count):
                outcome, findings = bench.case(seed, number)
                outcomes[outcome] += 1
                own["findings"] += findings
                if (number + 1) % SAVE_EVERY == 0 or number + 1 == count:
                    own |= {"done": number + 1, "outcomes": dict(outcomes)}
                    save()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
