"""From a local HTTP server to a typed table: CPU seconds and peak memory, ours beside others.

    python -m benchmarks.extract_load [--rows 100000 1000000] [--repeat 3] [--only ours floor]

Each contender is a process of its own; the server is another one, on nobody's bill. The best of
`--repeat` runs counts, in turns, so that a busy minute of the machine hits everybody. The others'
environments and the pages are kept in ~/.cache/beyond-likes-bench.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Cost, run
from benchmarks.page import Tables, table
from benchmarks.records import write_pages

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "beyond-likes-bench"
HERE = Path(__file__).parent
PACKAGES = {
    "dlt": ("dlt[duckdb]==1.31.0", "duckdb==2.0.0", "pyarrow==26.0.1", "orjson", "requests"),
    # tap-rest-api-msdk 1.4.2 still imports pkg_resources, which newer setuptools lack
    "tap": ("tap-rest-api-msdk==1.4.2", "setuptools<80"),
    "target": ("target-duckdb==0.8.0", "duckdb==2.0.0"),
    "airbyte": ("airbyte==0.71.3",),
}
NEEDS = {
    "ours": (),
    "floor": (),
    "dlt_append": ("dlt",),
    "dlt_merge": ("dlt",),
    "singer": ("tap", "target"),
    "airbyte_append": ("airbyte",),
    "airbyte_merge": ("airbyte",),
}
LIBRARIES = {
    "dlt_append": ("dlt", "dlt_arrow.py", "append"),
    "dlt_merge": ("dlt", "dlt_arrow.py", "merge"),
    "airbyte_append": ("airbyte", "pyairbyte.py", "append"),
    "airbyte_merge": ("airbyte", "pyairbyte.py", "merge"),
}
TITLES = {
    "floor": "floor: `read_json_auto` over the same bytes on disk",
    "ours": "beyond-likes",
    "dlt_append": "dlt 1.31, Arrow + Parquet, append",
    "dlt_merge": "dlt 1.31, the same, merge on the key",
    "singer": "Singer: tap-rest-api-msdk 1.4.2 + target-duckdb 0.8.0",
    "airbyte_append": "PyAirbyte 0.71, declarative source, DuckDB cache, append",
    "airbyte_merge": "PyAirbyte 0.71, the same, merge on the key",
}
# A minute for SLOW_ROWS, so run once; for more rows only where --only names them.
SLOW = ("singer", "airbyte_append", "airbyte_merge")
SLOW_ROWS = 100_000


def measure(arguments: Sequence[str]) -> Tables:
    """Return one table a size."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--only", nargs="+", default=[], choices=list(TITLES))
    chosen = options.parse_args(arguments)
    wanted = [name for name in TITLES if name in (chosen.only or TITLES) and _installed(name)]
    tables = {}
    for rows in chosen.rows:
        able = [name for name in wanted if chosen.only or rows <= SLOW_ROWS or name not in SLOW]
        tables[f"extract_load {rows}"] = _shown(
            rows, chosen.repeat, _costs(rows, able, chosen.repeat)
        )
    return tables


def _costs(rows: int, contenders: list[str], repeat: int) -> dict[str, Cost]:
    """Return each contender's cheapest run; slow ones run once."""
    pages = CACHE / f"pages-{rows}"
    write_pages(pages, rows)
    best: dict[str, Cost] = {}
    with _server(pages) as url:
        for turn in range(repeat):
            for name in contenders:
                if name in SLOW and turn:
                    continue
                cost = _once(name, url, pages)
                print(f"{name}, {rows:,}: {cost.cpu_seconds:.2f} CPU s", file=sys.stderr)
                if cost.rows != rows:
                    sys.exit(f"{name}: {cost.rows} of {rows} rows arrived. See {CACHE}/{name}.log.")
                if name not in best or cost.cpu_seconds < best[name].cpu_seconds:
                    best[name] = cost
    return best


def _once(name: str, url: str, pages: Path) -> Cost:
    folder = CACHE / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    arguments = [url, str(pages), str(folder)]
    if name in ("ours", "floor"):
        command = [sys.executable, "-m", f"benchmarks.contenders.{name}", *arguments]
    elif name in LIBRARIES:
        environment, module, strategy = LIBRARIES[name]
        program = str(HERE / "contenders" / module)
        command = [_bin(environment, "python"), program, *arguments, strategy]
    else:
        pair = [_bin("tap", "tap-rest-api-msdk"), _bin("target", "target-duckdb")]
        program = str(HERE / "contenders" / "singer.py")
        command = [_bin("target", "python"), program, *arguments, *pair]
    try:
        return run(command, CACHE / f"{name}.log")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shown(rows: int, repeat: int, costs: Mapping[str, Cost]) -> str:
    floor, ours = costs.get("floor"), costs.get("ours")
    lines = [
        (
            TITLES[name] + (" (one run)" if name in SLOW and repeat > 1 else ""),
            f"{cost.cpu_seconds:.2f}",
            f"{cost.cpu_seconds / floor.cpu_seconds:.2f}" if floor else "",
            f"{cost.cpu_seconds / ours.cpu_seconds:.2f}" if ours else "",
            f"{cost.wall_seconds:.1f}",
            f"{cost.peak_mb:.0f}",
        )
        for name, cost in costs.items()
    ]
    head = (
        f"{rows:,} records, best of {repeat}",
        "CPU s",
        "× floor",
        "× ours",
        "wall s",
        "peak MB",
    )
    return table(head, lines)


@contextmanager
def _server(pages: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.server", str(pages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip() if process.stdout else ""
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _installed(name: str) -> bool:
    """Make the contender's environments, or say why it does not take part."""
    for environment in NEEDS[name]:
        done = CACHE / f"env-{environment}" / "complete"
        if done.exists():
            continue
        print(f"installing {' '.join(PACKAGES[environment])} (once)", flush=True)
        shutil.rmtree(done.parent, ignore_errors=True)
        uv = str(Path(sys.executable).with_name("uv"))
        steps = (
            [uv, "venv", "--quiet", "--python", "3.11", str(done.parent)],
            [uv, "pip", "install", "--quiet", "--python", str(done.parent), *PACKAGES[environment]],
        )
        for step in steps:
            if subprocess.run(step, check=False).returncode:
                print(f"{TITLES[name]} is left out: it cannot be installed here", flush=True)
                return False
        done.touch()
    return True


def _bin(environment: str, program: str) -> str:
    return str(CACHE / f"env-{environment}" / "bin" / program)


if __name__ == "__main__":
    print(*measure(sys.argv[1:]).values(), sep="\n")
