"""Releases of a tiny warehouse, a night each: every table of one names the same night."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb

from extractors import release

FIRST = date(2026, 11, 1)
ROWS = 2000


class Marts:
    """A warehouse of two marts that name their night, and the releases made of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.db = duckdb.connect()
        self.db.execute("create schema ops")
        self.db.execute("create schema marts")

    def release(self, night: date = FIRST, *, rows: int = ROWS, more: str = "") -> Path:
        """Publish a night; `more` are further columns of fct_orders."""
        built = f"select date '{night}' as business_date, true as finished"
        self.db.execute(f"create or replace table ops.build as {built}")
        self.db.execute(
            f"create or replace table marts.kpi_scorecard as select date '{night}' as night"
        )
        self.db.execute(
            "create or replace table marts.fct_orders as"
            f" select range as order_id, date '{night}' as night {more} from range({rows})"
        )
        return self.publish()

    def publish(self) -> Path:
        """Publish the marts as they are."""
        return release.publish(self.db, self.home, self.home / "manifest.json")

    def describe(self, table: str, text: str, **columns: str) -> None:
        described = {name: {"description": words} for name, words in columns.items()}
        node = {"name": table, "resource_type": "model", "description": text, "columns": described}
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "manifest.json").write_text(json.dumps({"nodes": {table: node}}))
