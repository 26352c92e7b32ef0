"""`python -m tests.once MODULE …`: run a long program, unless it ended well on this code before.

For what keeps no state of its own: a stopped `make prove` goes on behind the last one that ended.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from tests.prove import ROOT, code_version

OUT = ROOT / "data" / "prove" / "once.jsonl"


def main(arguments: list[str], out: Path = OUT) -> None:
    """Note the program when it ends well. Raises: SystemExit with its code where it does not."""
    line = json.dumps({"version": code_version("tests", "dashboard", "dags"), "run": arguments})
    if out.exists() and line in out.read_text("utf-8").splitlines():
        sys.stdout.write(f"{' '.join(arguments)}: ended well before ({out})\n")
        return
    sys.argv = list(arguments)
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
