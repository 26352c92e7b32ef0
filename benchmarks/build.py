"""What a night's dbt build costs on the demo company: dbt's own time, by layer and model by model.

    python -m benchmarks.build [--repeat 3] [--most 20]

The company is that of `make run` (400 days; LinkedIn, Greenhouse, HubSpot, Zendesk and files),
after two nights. The build with the least dbt time of `--repeat` counts; the first parses the
project and is left out. Wall seconds on two threads: models that run side by side overlap.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.page import Tables, table
from extractors import run
from sandbox.serve import running

LAST = date(2026, 11, 22)


def measure(arguments: Sequence[str]) -> Tables:
    """Build several times and return the nodes of the cheapest by layer, and the longest."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--most", type=int, default=20)
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as folder:
        config = live(Path(folder))
        runs = [build(config) for _ in range(chosen.repeat + 1)][1:]
    best = min(runs, key=lambda one: float(one["elapsed_time"]))
    nodes = [(node["unique_id"], float(node["execution_time"])) for node in best["results"]]
    nodes.sort(key=lambda node: -node[1])
    took = ", ".join(format(one["elapsed_time"], ".1f") for one in runs)
    by_layer: dict[str, list[float]] = defaultdict(list)
    for name, seconds in nodes:
        by_layer[layer(name)].append(seconds)
    layers = [(name, len(times), f"{sum(times):.1f}") for name, times in by_layer.items()]
    layers.sort(key=lambda one: -float(one[2]))
    most = [(f"`{n.split('.', 2)[2]}`", f"{seconds:.2f}") for n, seconds in nodes[: chosen.most]]
    said = f"{len(nodes)} nodes; builds of {took} s, the cheapest below.\n\n"
    layers_table = table(("layer", "nodes", "s"), layers)
    return {"build": f"{said}{layers_table}\n{table(('model or test', 's'), most)}"}


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
    print(*measure(sys.argv[1:]).values())
