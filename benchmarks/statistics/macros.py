"""The project's statistics macros as text, rendered as dbt would, and a seeded DuckDB."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

FOLDER = Path(__file__).parents[2] / "dbt_project" / "macros"
FILES = ("statistics", "differences", "shrinkage", "effects", "pace")


@cache
def macros() -> Any:
    """Return the macros of FILES that exist, as callables that give SQL."""
    paths = [FOLDER / f"{name}.sql" for name in FILES]
    text = "".join(path.read_text(encoding="utf-8") for path in paths if path.exists())
    return jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text).module


def database(seed: int) -> duckdb.DuckDBPyConnection:
    """Return a database whose random() gives the same numbers for the same seed."""
    db = duckdb.connect()
    db.execute("set threads = 1")
    db.execute(f"select setseed({(seed * 0.618034) % 1})")
    return db


# A standard normal number from two uniform ones (Box & Muller 1958).
NORMAL = "(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))"


def lognormal(median: str, sigma: str) -> str:
    """Return SQL that draws from a lognormal distribution."""
    return f"({median}) * exp(({sigma}) * {NORMAL})"


def spread(mean: float, variation: float) -> str:
    """Return SQL that draws from a gamma distribution with this mean and coefficient of variation
    (Wilson & Hilferty 1931: its cube root is nearly normal)."""
    if not variation:
        return f"{mean}e0"
    ninth = variation * variation / 9
    return f"({mean} * power(greatest(0e0, 1 - {ninth} + {ninth**0.5} * {NORMAL}), 3))"
