"""What a night's dbt build costs on the demo company: dbt's own time, by layer and model by model.

    python -m benchmarks.build [--repeat 3] [--most 25]

The company is that of `make run` (400 days; LinkedIn, Greenhouse, HubSpot, Zendesk and files),
after two nights. The build with the least dbt time of `--repeat` counts; the first parses the
project and is left out. Wall seconds on two threads: models that run side by side overlap.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from extractors import run
from sandbox.serve import running

LAST = date(2026, 11, 22)


def main() -> None:
    """Build and print two tables."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--most", type=int, default=25)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as folder:
        config = live(Path(folder))
        runs = [build(config) for _ in range(chosen.repeat + 1)][1:]
    best = min(runs, key=lambda one: float(one["elapsed_time"]))
    nodes = [(node["unique_id"], float(node["execution_time"])) for node in best["results"]]
    print(f"\ndbt build: {best['elapsed_time']:.1f} s for {len(nodes)} nodes, the best of"
          f" {', '.join(format(one['elapsed_time'], '.1f') for one in runs)}\n")  # fmt: skip
    by_layer: dict[str, list[float]] = defaultdict(list)
    for name, seconds in nodes:
        by_layer[layer(name)].append(seconds)
    print("| layer | nodes | s |\n|---|---|---|")
    for name, times in sorted(by_layer.items(), key=lambda one: -sum(one[1])):
        print(f"| {name} | {len(times)} | {sum(times):.1f} |")
    print("\n| model or test | s |\n|---|---|")
    for name, seconds in sorted(nodes, key=lambda node: -node[1])[: chosen.most]:
        print(f"| `{name.split('.', 2)[2]}` | {seconds:.2f} |")


def live(folder: Path) -> Path:
    """Let the demo company live two nights in `folder`; return its settings."""
    with running(folder, last_day=LAST) as sandbox:
        for day in (LAST - timedelta(days=1), LAST):
            sandbox.set_day(day)
            run.extract_all(folder / "sources.yml", run.plan(folder / "sources.yml", day))
            run.load(folder / "sources.yml")
    return folder / "sources.yml"


def build(config: Path) -> dict[str, Any]:
    """Return what dbt says of one build."""
    run.build(config, LAST)
    results = config.parent / "data" / "dbt" / "target" / "run_results.json"
    found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return found


def layer(name: str) -> str:
    """Return the layer of a node by its name."""
    kind, _, model = name.split(".", 2)
    if kind != "model":
        return kind
    prefix = model.partition("_")[0]
    return {"stg": "staging", "int": "intermediate", "fct": "facts", "dim": "facts"}.get(
        prefix, "marts and metrics"
    )


if __name__ == "__main__":
    main()
