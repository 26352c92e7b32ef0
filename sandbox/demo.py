"""`make run`: a simulated company lives through some nights; the last one runs in Airflow."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from extractors import run
from extractors.core.errors import ExtractError
from sandbox.serve import Sandbox, running, yesterday

ROOT = Path(__file__).parents[1]
OUT = ROOT / "data" / "demo"
NIGHTS = 14


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def live(sandbox: Sandbox, config: Path, first: date, last: date) -> None:
    """Fetch and load every night from `first` to `last`, as the schedule would have."""
    day = first
    while day <= last:
        begin = time.monotonic()
        sandbox.set_day(day)
        outcomes = run.extract_all(config, run.plan(config, day))
        loaded = run.load(config)
        errors = [error for one in [*outcomes, *loaded] for error in one["errors"]]
        if errors:
            raise SystemExit("\n".join(errors))
        rows = sum(outcome["rows"] for outcome in outcomes)
        say(f"  night of {day}: {rows} rows fetched and loaded, {time.monotonic() - begin:.1f} s")
        day += timedelta(days=1)


def demo(out: Path) -> int:
    """Make the company anew in `out`, live through its nights, run the last one in Airflow."""
    last = yesterday()
    shutil.rmtree(out, ignore_errors=True)
    say("A simulated company: LinkedIn, Greenhouse, HubSpot and Zendesk answer on 127.0.0.1,")
    say(f"shop orders, costs and ads lie as files in {out.relative_to(ROOT)}/exports.")
    with running(out, last_day=last, truth=True) as sandbox:
        config = out / "sources.yml"
        say(f"\nIts last {NIGHTS} nights, so that daily history and corrections exist (the first")
        say("one fetches a year back):")
        live(sandbox, config, last - timedelta(days=NIGHTS), last - timedelta(days=1))
        say(f"\nThe night of {last}, with the real nightly Airflow DAG:")
        sandbox.set_day(last, truth=True)
        script = ROOT / "scripts" / "local_airflow.py"
        command = [sys.executable, str(script), "night", "--config", str(config)]
        return subprocess.run([*command, "--date", str(last)], check=False).returncode


def main() -> None:
    """Run the demo; Ctrl-C and SIGTERM leave nothing running."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(demo(OUT))
    except ExtractError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
