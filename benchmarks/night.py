"""The whole night of a company with 50 accounts, 10,000 posts and a million of each outcome.

    python -m benchmarks.night [--outcomes 1000000] [--folder FOLDER]

As benchmarks/scale.py: exports of 400 days through the file drop, then the next day. Applications,
leads, support requests and orders are `--outcomes` each, touchpoints as many; each post has thirty
readings, each account one a day.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.page import Tables
from benchmarks.scale import DAYS, Shape, two_nights

ACCOUNTS, POSTS, READINGS = 50, 10_000, 30
OUTCOMES = ("applications", "leads", "support_requests", "orders", "touchpoints")


def measure(arguments: Sequence[str]) -> Tables:
    """Return a table of the first night and the next."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--outcomes", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="where the company is made; kept")
    chosen = options.parse_args(arguments)
    rows = {
        "post_metrics": POSTS * READINGS,
        "account_metrics": ACCOUNTS * DAYS,
        **dict.fromkeys(OUTCOMES, chosen.outcomes),
    }
    shape = Shape(rows, posts=POSTS, people=chosen.outcomes, accounts=ACCOUNTS)
    with tempfile.TemporaryDirectory(prefix="beyond-likes-bench-") as own:
        return {"night": two_nights(chosen.folder or Path(own, "company"), shape)}


if __name__ == "__main__":
    print(*measure(sys.argv[1:]).values())
