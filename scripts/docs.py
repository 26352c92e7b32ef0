"""`make docs`: dbt's documentation of every table, column, KPI and line of SQL, as one page.

Columns' types come from the newest warehouse of this folder (`data`, else the demo's); without one
the page has descriptions and SQL only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "data" / "docs"
WAREHOUSES = (
    ROOT / "data" / "warehouse.duckdb",
    ROOT / "data" / "demo" / "data" / "warehouse.duckdb",
)


def main() -> int:
    """Write data/docs/index.html and say where it is."""
    built = next((file for file in WAREHOUSES if file.exists()), None)
    OUT.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "--log-path", OUT / "logs"),
            *("docs", "generate", "--static", "--target-path", OUT),
            *([] if built else ["--empty-catalog"]),
        ],
        cwd=ROOT / "dbt_project",
        env={
            **os.environ,
            "BEYOND_LIKES_WAREHOUSE": str(built or OUT / "empty.duckdb"),
            "DBT_PROFILES_DIR": ".",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(f"docs: dbt could not write them. {done.stdout[-2000:]}{done.stderr}\n")
        return 1
    page = (OUT / "static_index.html").replace(OUT / "index.html")
    sys.stdout.write(f"{page.relative_to(ROOT)}: every table, column and KPI")
    sys.stdout.write("\n" if built else " (no warehouse yet: without types)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
