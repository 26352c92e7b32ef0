"""The floor: DuckDB's own reader over the same bytes, already on disk; no HTTP, no keys."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def main(pages: Path, folder: Path) -> None:
    """Create a table from the pages with types as DuckDB guesses them."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as db:
        db.execute("create table posts as from read_json_auto(?)", [str(pages / "page-*.json")])
        print((db.execute("select count(*) from posts").fetchone() or (0,))[0])


if __name__ == "__main__":
    main(Path(sys.argv[2]), Path(sys.argv[3]))
