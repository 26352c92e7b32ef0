"""`python -m benchmarks [NAME [OPTION …]]`: measures and writes docs/performance.md.

Without a name all are run (hours); with one, its tables alone are replaced. To look at figures
without writing them, run the module itself: `python -m benchmarks.NAME`.
"""

from __future__ import annotations

import sys
from importlib import import_module

from benchmarks.page import conditions, write

NAMES = ("extract_load", "sources", "build", "attribution", "scale", "new_day", "night",
         "review_page")  # fmt: skip


def main() -> None:
    """Run one benchmark or all, one after the other."""
    chosen, options = sys.argv[1:2], sys.argv[2:]
    if not set(chosen) <= {*NAMES}:
        sys.exit(f"benchmarks: no {chosen[0]!r}. Choose from: {', '.join(NAMES)}.")
    for name in chosen or NAMES:
        about = conditions(" ".join(["python -m benchmarks", name, *options]))
        write(about, import_module(f"benchmarks.{name}").measure(options))


if __name__ == "__main__":
    main()
