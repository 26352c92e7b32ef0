"""`python -m tests.stack SOURCE …`: a company that reads these sources; KPIs beside its truth.

The named sources join the usual ones (LinkedIn, Greenhouse, HubSpot, Zendesk), which share people
and requests with them; with --only they are all there is. With --build-each-night every night is
built, so that all but the first keep rows, and the last is compared with one that keeps none.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import duckdb

from extractors import news, run
from extractors.core.auth import OAuth
from extractors.core.http import Client
from sandbox.company.systems import STACK
from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES
from tests.test_kept import compared
from tests.truth import counted, differences, published

LAST = date(2026, 11, 22)
# Everything here heals or repeats: nights that meet it give the figures of quiet ones.
RENEWING = [
    name
    for name, module in MODULES.items()
    if {"refresh_token", "client_secret", "app_password"} & module.CREDENTIALS.keys()
]
HEALING = (
    "*:429:0.04,*:429_wait:0.04,*:5xx:0.04,*:cut_body:0.04,*:reset:0.03,*:encoding:0.03,*:drip:0.02,"
    "*:repeat:0.2,*:changed,*:reorder:0.3,*:unknown_key:0.5,*:skew,"
) + ",".join(f"{name}:expired" for name in RENEWING)


@contextmanager
def hurried() -> Iterator[None]:
    """Let every client wait for a moment only where a platform asks for a minute."""

    def nap(seconds: float) -> None:
        time.sleep(min(seconds, 0.05))

    with ExitStack() as stack:
        for kind in (Client, OAuth):
            stack.enter_context(patch.dict(kind.__init__.__kwdefaults__, sleep=nap))
        yield


def live(
    sandbox: Sandbox, config: Path, days: Sequence[date], *, build_each: bool = False
) -> list[str]:
    """Fetch and load every night of `days`, then build and publish the last; return the errors."""
    errors: list[str] = []
    for day in days:
        sandbox.set_day(day)
        with hurried():
            outcomes = run.extract_all(config, run.plan(config, day))
        errors += [error for one in [*outcomes, *run.load(config)] for error in one["errors"]]
        if build_each or day == days[-1]:
            run.build(config, day)
    run.publish(config)
    return errors


def apart_from_anew(config: Path, day: date) -> list[str]:
    """Make all anew; return what kept rows differ from that, or that none were kept."""
    warehouse = config.parent / "data" / "warehouse.duckdb"
    kept = Path(shutil.copy(warehouse, warehouse.with_name("kept.duckdb")))
    with duckdb.connect(str(warehouse)) as db:
        if not news.keeps(db):
            return ["the last night made all anew"]
        news.forget(db)
    run.build(config, day)
    return [f"{mart}: {rows} rows differ" for mart, rows in compared(kept, warehouse)]


def main() -> int:
    """Print errors and differences; exit 1 where there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="all where none is named")
    parser.add_argument("--only", action="store_true", help="without the usual sources")
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--scale", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--faults", default="", help="a specification, or: healing")
    parser.add_argument("--build-each-night", action="store_true")
    parser.add_argument("--keep", type=Path, help="leave the company in this folder")
    chosen = parser.parse_args()
    named = chosen.sources or list(MODULES)
    sources = named if chosen.only else list(dict.fromkeys([*STACK, *named]))
    days = [LAST - timedelta(days=back) for back in range(chosen.nights - 1, -1, -1)]
    out = chosen.keep or Path(tempfile.mkdtemp(prefix="beyond-likes-stack-"))
    faults = HEALING if chosen.faults == "healing" else chosen.faults
    begin = time.monotonic()
    with running(out, seed=chosen.seed, last_day=LAST, days=chosen.days, scale=chosen.scale,
                 faults=faults, sources=sources) as sandbox:  # fmt: skip
        each = chosen.build_each_night
        errors = live(sandbox, out / "sources.yml", days, build_each=each)
        truth = counted(sandbox)
    wrong = differences(published(out / "data" / "published" / "marts.duckdb"), truth)
    if each:
        errors += apart_from_anew(out / "sources.yml", days[-1])
    for line in [*errors, *(f"{key}: ours {a}, truth {b}" for key, (a, b) in wrong.items())][:40]:
        print(line)
    seconds = time.monotonic() - begin
    print(f"{', '.join(sources)}: {len(days)} nights, {len(truth)} figures, {len(wrong)} differ,"
          f" {len(errors)} errors ({seconds:.0f} s)")  # fmt: skip
    if not chosen.keep:
        shutil.rmtree(out)
    return 1 if wrong or errors else 0


if __name__ == "__main__":
    sys.exit(main())
