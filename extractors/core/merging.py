"""Brings raw._staged into a raw table: of two rows with one key the newest stays (DuckDB's SQL)."""

from __future__ import annotations

from collections import Counter

import duckdb

from extractors.core.staging import EXTRA, STAGED, Item
from extractors.core.types import Stream

ORDER = ("_fetched_at", "_batch", "_line", "_attempt")
PASS_ROWS = 200_000


def is_empty(db: duckdb.DuckDBPyConnection, stream: Stream) -> bool:
    """Return whether the raw table has no row."""
    return not _count(db, f"select count(*) from (from raw.{stream.table} limit 1)")


def drop_older_twins(db: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Keep the newest row of each key in raw._staged.

    Hashes tell fast that all keys differ, which is the rule; equal ones are looked at closely.
    """
    keys = ", ".join(f'"{key}"' for key in stream.key)
    newest = ", ".join(f"{column} desc" for column in ORDER)
    for rows in _passes(db, keys):
        found = f"select count(*) - count(distinct hash({keys})) from {STAGED} where {rows}"
        if not _count(db, found):
            continue
        db.execute(
            f"""delete from {STAGED} where rowid in (
                select row_id from (
                    select rowid as row_id,
                        row_number() over (partition by {keys} order by {newest}) as place
                    from {STAGED}
                    where {rows} and hash({keys}) in (
                        select hash({keys}) from {STAGED}
                        where {rows} group by 1 having count(*) > 1))
                where place > 1)"""
        )


def drop_what_is_newer_in_raw(db: duckdb.DuckDBPyConnection, stream: Stream) -> Counter[str]:
    """Take the losing side of each key out: of raw._staged, then of the raw table.

    Returns the rows that left the raw table, by the attempt that had brought them.
    """
    replaced: Counter[str] = Counter()
    same = " and ".join(
        f'old."{key}" {"=" if key in stream.required else "is not distinct from"} new."{key}"'
        for key in stream.key
    )
    old, new = (f"row({', '.join(f'{side}.{c}' for c in ORDER)})" for side in ("old", "new"))
    table = f"raw.{stream.table}"
    for rows in _passes(db, ", ".join(f'new."{key}"' for key in stream.key)):
        db.execute(
            f"""create or replace temp table _pairs as
            select old.rowid as old_id, new.rowid as new_id, old._attempt, {old} > {new} as stays
            from {table} as old inner join {STAGED} as new on {same} where {rows}"""
        )
        db.execute(f"delete from {STAGED} where rowid in (select new_id from _pairs where stays)")
        db.execute(
            f"delete from {table} where rowid in (select old_id from _pairs where not stays)"
        )
        replaced.update(attempts_of(db, "_pairs where not stays"))
    db.execute("drop table _pairs")
    return replaced


def attempts_of(db: duckdb.DuckDBPyConnection, rows: str) -> dict[str, int]:
    """Count `rows` (a table, with a condition or without) by attempt."""
    return dict(db.execute(f"select _attempt, count(*) from {rows} group by _attempt").fetchall())


def _passes(db: duckdb.DuckDBPyConnection, keys: str) -> list[str]:
    """Return conditions that split raw._staged by key, so that no pass holds too many rows."""
    count = -(-_count(db, f"select count(*) from {STAGED}") // PASS_ROWS)
    if count < 2:
        return ["true"]
    return [f"hash({keys}) % {count} = {one}" for one in range(count)]


def note_written(db: duckdb.DuckDBPyConnection, items: list[Item]) -> None:
    """Count the rows of each attempt that are about to enter the raw table, and the outdated."""
    counts = attempts_of(db, STAGED)
    for item in items:
        item.rows_written = counts.get(item.attempt.attempt, 0)
        item.rows_replaced = item.rows_sound - item.rows_written


def swap(db: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Make raw._staged the raw table."""
    for column in EXTRA:
        db.execute(f"alter table {STAGED} drop column {column}")
    db.execute(f"drop table raw.{stream.table}")
    db.execute(f"alter table {STAGED} rename to {stream.table}")


def insert(db: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Add raw._staged to the raw table; without BY NAME, DuckDB pairs columns by position."""
    names = ", ".join(EXTRA)
    db.execute(f"insert into raw.{stream.table} by name select * exclude ({names}) from {STAGED}")
    db.execute(f"drop table {STAGED}")


def _count(db: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int((db.execute(sql).fetchone() or (0,))[0])
