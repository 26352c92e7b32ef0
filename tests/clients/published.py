"""Reads a published folder with one library until its input ends: `published.py LIBRARY FOLDER`.

Runs in .venv-clients, for Superset in .venv-superset. Writes one JSON line a
look: when it began (seconds of the machine's clock), then the night of the scorecard, first and
last night and rows of the orders; or the error.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

Look = Callable[[Path], tuple[Any, Any, Any, int]]


def by_duckdb(published: Path) -> tuple[Any, Any, Any, int]:
    import duckdb

    with duckdb.connect(str(published / "marts.duckdb"), read_only=True) as db:
        [(night,)] = db.execute("select night from kpi_scorecard").fetchall()
        sql = "select min(night), max(night), count(*) from fct_orders"
        [(low, high, rows)] = db.execute(sql).fetchall()
    return night, low, high, rows


def by_pandas(published: Path) -> tuple[Any, Any, Any, int]:
    import pandas

    release = published.resolve()
    night = pandas.read_parquet(release / "parquet" / "kpi_scorecard.parquet")["night"][0]
    orders = pandas.read_parquet(release / "parquet" / "fct_orders.parquet")
    return night, orders["night"].min(), orders["night"].max(), len(orders)


def by_polars(published: Path) -> tuple[Any, Any, Any, int]:
    import polars

    release = published.resolve()
    night = polars.read_parquet(release / "parquet" / "kpi_scorecard.parquet")["night"][0]
    orders = polars.scan_parquet(release / "parquet" / "fct_orders.parquet").collect()
    return night, orders["night"].min(), orders["night"].max(), orders.height


@cache
def superset() -> Any:
    """Superset itself, its settings in the environment."""
    from superset.app import create_app

    return create_app()


def by_superset(published: Path) -> tuple[Any, Any, Any, int]:
    """Ask as SQL Lab and charts do; the database is known to it by name."""
    with superset().app_context():
        from superset import db
        from superset.models.core import Database

        marts = db.session.query(Database).filter_by(database_name="beyond-likes").one()
        assert f"{published}/marts.duckdb" in marts.sqlalchemy_uri
        scorecard = "(select night from kpi_scorecard) as night"
        found = marts.get_df(
            f"select {scorecard}, min(night) as low, max(night) as high, count(*) as n"
            " from fct_orders",
            schema="main",
        )
    night, low, high, rows = found.iloc[0]
    return night, low, high, int(rows)


LOOKS: dict[str, Look] = {
    "duckdb": by_duckdb,
    "pandas": by_pandas,
    "polars": by_polars,
    "superset": by_superset,
}


def main(library: str, folder: str) -> None:
    """Look again and again."""
    over = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=listen, daemon=True).start()
    while not over.is_set():
        began = time.monotonic()
        try:
            night, low, high, rows = LOOKS[library](Path(folder))
            said: list[Any] = [str(night)[:10], str(low)[:10], str(high)[:10], rows]
        except Exception as error:
            said = [f"{type(error).__name__}: {error}"]
        sys.stdout.write(json.dumps([began, *said]) + "\n")
        sys.stdout.flush()
        over.wait(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
