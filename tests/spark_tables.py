"""How a table, and a single cell, that Spark has made differs from DuckDB's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2

MACROS = Path(__file__).parents[1] / "dbt_project" / "macros"
Row = tuple[Any, ...]

# What platforms, people and broken clients write where a value is expected.
TEXTS = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "+1",
        " 12 ",
        "12.0",
        "12.5",
        "-12.5",
        "13.5",
        "0.5",
        "1e3",
        "1.5e2",
    ),
    *("1e30", "1e-3", ".5", "5.", "1,000", "9223372036854775807", "9223372036854775808", "-0"),
    *("-9223372036854775808", "99999999999999.9999", "99999999999999.99995", "123456789012345.1"),
    *(
        "0.00005",
        "0.00004",
        "-0.00005",
        "1.23456",
        "1d",
        "1f",
        "1L",
        "NaN",
        "nan",
        "1e309",
        "1e-400",
    ),
    *("null", "None", "true", "True", "TRUE", "t", "T", "yes", "Y", "on", "no", "n", "false", "2"),
    *(" false ", "2026-01-05", "2026-1-5", "2026-01", "2026", "2026-13-01", "2026-02-29"),
    *("2024-02-29", "2026-01-05T10:00:00", "2026-01-05 10:00:00", "2026-01-05T10:00:00Z"),
    *("2026-01-05T10:00Z", "2026-01-05T10Z", "2026-01-05T10:00:00.123Z", "2026-01-05T10:00:00.5Z"),
    *("2026-01-05T10:00:00.123456Z", "2026-01-05T10:00:00.123456789Z", "2026-01-05T10:00:00+02:00"),
    *("2026-01-05T10:00:00+0200", "2026-01-05T10:00:00+02", "2026-01-05T10:00:00-07:00"),
    *("2026-01-05T10:00:00.5+05:30", "2026-01-05 10:00:00 +02:00", "2026-01-05 10:00:00 UTC"),
    *("2026-01-05T24:00:00Z", "2026-01-05T23:59:60Z", "2026-01-05T25:00:00Z", "05.01.2026"),
    *("01/05/2026", "20260105", "2026-01-05junk", "2026-01-05 junk", "2026-01-05Tjunk", "10:00"),
    *("T10:00", "1767607200", "1767607200000", "0001-01-01", "9999-12-31", "now", "today"),
    *("Mon Jan 05 10:00:00 +0000 2026", "2026-01-05T10:00:00z", "2026-01-05t10:00:00Z"),
    *(
        "1969-12-31T23:59:59.999999Z",
        "2026-01-05T10:00:00+15:00",
        "0.1",
        "100.10",
        "\u0663",
        "\u00bd",
    ),
)
# Spark leaves these empty, DuckDB does not: an hour of 24, and the day of a time that is none.
LEFT_EMPTY = {
    ("DATE", "2026-01-05 10:00:00 +02:00"),
    ("DATE", "2026-01-05T24:00:00Z"),
    ("TIMESTAMPTZ", "2026-01-05T24:00:00Z"),
}
# Kind → how each engine shows it as a text.
SHOWN = {
    "BIGINT": ("cast({} as varchar)", "cast({} as string)"),
    "DOUBLE": ("{}", "{}"),
    "DECIMAL(18,4)": ("cast({} as varchar)", "cast({} as string)"),
    "BOOLEAN": ("cast({} as varchar)", "cast({} as string)"),
    "DATE": ("cast({} as varchar)", "cast({} as string)"),
    "TIMESTAMPTZ": ("epoch_us({})", "unix_micros({})"),
}


def cells_apart(
    db: duckdb.DuckDBPyConnection, ask: Callable[[str], Sequence[Sequence[Any]]]
) -> list[str]:
    """Return a line for each text that Spark reads as another value than the loader does.

    `ask` runs a query on Spark and returns its rows.
    """
    text = (MACROS / "landing.sql").read_text(encoding="utf-8")
    macros: Any = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text).module
    listed = ", ".join(f"'{one}'" for one in TEXTS)
    wrong: list[str] = []
    for kind, (ours, theirs) in SHOWN.items():
        tried = ours.format(f"try_cast(cell as {kind})")
        own = db.execute(f"select {tried} from (select unnest([{listed}]) as cell)").fetchall()
        spark = theirs.format(macros.spark__cell("cell", kind))
        found = ask(f"select {spark} from (select explode(array({listed})) as cell)")
        for one, (a,), (b,) in zip(TEXTS, own, found, strict=True):
            known = b is None and (kind, one) in LEFT_EMPTY
            alike = kind == "DOUBLE" and None not in (a, b) and _equal(a, b)
            if not (a == b or alike or known):
                wrong.append(f"{kind} {one!r}: {a!r}, {b!r} on Spark")
    return wrong


def difference(db: duckdb.DuckDBPyConnection, table: str, spark: Path) -> str:
    """Say how `table` differs from the Parquet files in the folder `spark`; empty if it does not.

    Rows that are equal to the last bit are told by DuckDB; the rest is looked at here.
    """
    if not spark.is_dir():
        return "was not built"
    described = db.execute(f"describe {table}").fetchall()
    cells = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind, *_ in described)
    there = list(spark.glob("*.parquet"))
    rows = f"read_parquet('{spark}/*.parquet')" if there else f"{table} where false"
    files = f"(select {cells} from {rows})"
    floats = {at for at, (_, kind, *_) in enumerate(described) if kind in ("DOUBLE", "FLOAT")}
    ours = _ordered(db.execute(f"from {table} except all from {files}").fetchall(), floats)
    theirs = _ordered(db.execute(f"from {files} except all from {table}").fetchall(), floats)
    if len(ours) != len(theirs):
        return f"{len(ours)} rows are DuckDB's alone, {len(theirs)} Spark's: {(ours + theirs)[0]}"
    cells_apart = [
        (described[at][0], a[at], b[at], a)
        for a, b in zip(ours, theirs, strict=True)
        for at in range(len(described))
        if not _equal(a[at], b[at])
    ]
    if not cells_apart:
        return ""
    name, one, other, row = cells_apart[0]
    columns = sorted({cell[0] for cell in cells_apart})
    return f"{len(cells_apart)} cells in {columns}; {name}: {one!r}, {other!r} on Spark, in {row}"


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        alike = math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
        return alike or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def _ordered(rows: list[Row], floats: set[int]) -> list[Row]:
    def key(row: Row) -> tuple[list[str], list[str]]:
        exact = [str(cell) for at, cell in enumerate(row) if at not in floats]
        return exact, [f"{row[at]:.6g}" if row[at] is not None else "" for at in sorted(floats)]

    return sorted(rows, key=key)
