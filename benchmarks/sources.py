"""CPU seconds and peak memory of each source for 100,000 records, from its API to typed raw tables.

    python -m benchmarks.sources [SOURCE …] [--repeat 2]

The sandbox serves a company from a process of its own, on nobody's bill. A night reads the streams
of the source once, another one many times over in the same attempt; what a record costs is the
slope between the two, so that starting Python and DuckDB and a file each count for nobody. Streams
of fewer than 50 records (the account, a list of stages) are left out: their cost is that of a
request. Waits for rate budgets and reports are cut short: they cost time and no CPU. The cheapest
of `--repeat` runs counts. Peak memory is that of the larger night.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.measure import Cost, run
from benchmarks.page import Tables, table
from extractors import run as steps
from extractors.core import landing
from extractors.core.types import Scan, Window
from extractors.project import FILE_SOURCES, modules, streams
from tests.stack import hurried

LAST = "2026-11-22"
RECORDS, MOST_TIMES = 30_000, 100  # of the larger night: so many, or read so often
FEWEST = 50
NIGHT = "--night"  # how this program calls itself for one night in a process of its own
PER = 100_000


@dataclass(frozen=True, slots=True)
class Result:
    """What one source costs. Units: CPU seconds for 100,000 records, peak in 10^6 bytes."""

    source: str
    records: int
    cpu_seconds: float
    peak_mb: float


def measure(arguments: Sequence[str]) -> Tables:
    """Return a table of the sources beside their median."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("sources", nargs="*", metavar="SOURCE")
    options.add_argument("--repeat", type=int, default=2)
    chosen = options.parse_args(arguments)
    names = chosen.sources or [name for name in modules() if name not in FILE_SOURCES]
    results = sorted(
        (one_source(name, chosen.repeat) for name in names), key=lambda one: one.cpu_seconds
    )
    median = statistics.median(result.cpu_seconds for result in results)
    lines = [
        (one.source, f"{one.records:,}", f"{one.cpu_seconds:.2f}",
         f"{one.cpu_seconds / median:.2f}", f"{one.peak_mb:.0f}")
        for one in results
    ]  # fmt: skip
    head = ("source", "records", f"CPU s for {PER:,}", "× median", "peak MB")
    return {"sources": table(head, lines)}


def one_source(source: str, repeat: int) -> Result:
    """Return the cost of one source between a night that fetches once and one that repeats it."""
    with company(source) as config:
        small = min((night(config, 1) for _ in range(repeat)), key=lambda cost: cost.cpu_seconds)
        times = min(MOST_TIMES, 2 + RECORDS // small.rows)
        large = min(
            (night(config, times) for _ in range(repeat)), key=lambda cost: cost.cpu_seconds
        )
    records = large.rows - small.rows
    slope = (large.cpu_seconds - small.cpu_seconds) / records * PER
    print(f"{source}: {records} records, {slope:.2f} s", file=sys.stderr)
    return Result(source, records, slope, large.peak_mb)


@contextmanager
def company(source: str) -> Iterator[Path]:
    """Serve a company that reads this source alone; yield its sources.yml."""
    command = [sys.executable, "-m", "extractors.cli", "sandbox", "serve", "--sources", source]
    command += ["--days", "400", "--last-day", LAST]
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as folder:
        server = subprocess.Popen([*command, "--out", folder], stdout=subprocess.PIPE, text=True)
        assert server.stdout
        server.stdout.readline()  # its address: it is ready
        try:
            yield Path(folder) / "sources.yml"
        finally:
            server.terminate()
            server.wait()


def night(config: Path, times: int) -> Cost:
    """Return what the first night of a new home costs, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as folder:
        text = config.read_text(encoding="utf-8").replace("home: data", f"home: {folder}/data")
        own = config.with_name("measured.yml")
        own.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.sources", NIGHT, str(own), str(times)]
        return run(command, Path(folder) / "log")


def live(config: Path, times: int) -> int:
    """Read the larger streams of the API source so many times, load them; return the records."""
    own = steps.project(config)
    (name,) = own.api_sources
    account = own.account(name)
    client = modules()[name].SOURCE.connect(account)
    records = 0
    for label, item in steps.plan(config, LAST).items():
        if not label.startswith(f"{name}."):
            continue
        stream, first = streams()[label], date.fromisoformat(item["first"])
        window = Window.of(first, date.fromisoformat(LAST), own.config.timezone)
        scan = Scan(window, None, account.settings)
        if times > 1 and sum(len(page.records) for page in stream.extract(client, scan)) < FEWEST:
            continue
        pages = (page for _ in range(times) for page in stream.extract(client, scan))
        landed = landing.land(stream, window, pages, root=own.landing, key=own.hmac_key())
        records += landed.rows if landed.rows >= FEWEST else 0
    errors = [error for one in steps.load(config) for error in one["errors"]]
    if errors:
        raise SystemExit("\n".join(errors))
    return records


if __name__ == "__main__":
    if sys.argv[1:2] == [NIGHT]:
        with hurried():
            print(live(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        print(*measure(sys.argv[1:]).values())
