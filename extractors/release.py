"""Publishes the marts: a whole release folder, then one atomic swap of `published`.

Readers open `published/...` and see one night or the next one, never a mixture (a reader that holds
the old file keeps reading it: the folder is removed some releases later).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from extractors import cells
from extractors.core.errors import FatalError
from extractors.core.landing import new_attempt
from extractors.core.ledger import transaction

Page = Callable[[Path, date], str]  # marts.duckdb and business day → HTML

KEEP = 3
STORAGE = "v1.4.0"  # what readers since DuckDB 1.4 can open
PAGE = "kpi_review.html"
WIDE = "HUGEINT"  # few readers know 128-bit integers; sums of counts fit 64


def publish(
    db: duckdb.DuckDBPyConnection,
    home: Path,
    manifest: Path,
    *,
    page: Page | None = None,
    keep: int = KEEP,
    smallest_cell: int | None = None,
) -> Path:
    """Copy every table of schema marts into a new release, swap it in and return its folder.

    Shape: releases/{run}/ marts.duckdb, parquet/{table}.parquet, catalog.json and, where `page`
    makes one of the copied marts, kpi_review.html. `manifest` is dbt's, for the descriptions. Of
    all releases the newest `keep` stay. Below `smallest_cell` persons nothing is published that
    tells their number; releases that did are removed. Who may read a release is who may read the
    folder `releases`.
    Raises: FatalError when the last build did not finish or a write fails.
    """
    day = _built_day(db)
    releases = home / "releases"
    if not releases.exists():
        releases.mkdir(parents=True)
        releases.chmod(_rights(home))  # whoever may enter home may read releases
    for leftover in releases.glob(".*.tmp"):
        shutil.rmtree(leftover)
    run = f"{day}_{new_attempt(max(map(_made, _releases(releases)), default=''))}"
    draft = releases / f".{run}.tmp"
    try:
        (draft / "parquet").mkdir(parents=True)
        with cells.withheld(db, manifest, smallest_cell) as held:
            tables = _copy(db, draft, _described(manifest), held)
        catalog: dict[str, Any] = {"business_date": day, "release": run, "tables": tables}
        if smallest_cell:
            catalog["smallest_cell"] = smallest_cell
        (draft / "catalog.json").write_text(json.dumps(catalog, indent=1), encoding="utf-8")
        if page:
            made = page(draft / "marts.duckdb", date.fromisoformat(day))
            (draft / PAGE).write_text(made, encoding="utf-8")
        for file in [*draft.rglob("*"), draft]:
            file.chmod(_rights(releases) & (0o777 if file.is_dir() else 0o666))
            _sync(file)
    except (OSError, duckdb.IOException, duckdb.FatalException) as error:
        shutil.rmtree(draft, ignore_errors=True)
        what = f"the release could not be written ({' '.join(str(error).split())[:200]})"
        do = "Free space there and run `beyond-likes publish`; readers keep the last release"
        raise FatalError(str(releases), what, do) from error
    release = draft.rename(releases / run)
    _sync(releases)
    _swap(home / "published", release)
    kept = _releases(releases)
    telling = [path for path in kept if _smallest(path) < (smallest_cell or 0)]
    for old in [*telling, *sorted(set(kept).difference(telling), key=_made)[:-keep]]:
        shutil.rmtree(old)
    return release


def _releases(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir() and "_" in path.name]


def _made(release: Path) -> str:
    """Return when a release was made: the second half of its name."""
    return release.name.partition("_")[2]


def _smallest(release: Path) -> int:
    """Return the smallest cell that a release shows; 0 where it shows all."""
    try:
        catalog = json.loads((release / "catalog.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return int(catalog.get("smallest_cell", 0))


def _built_day(db: duckdb.DuckDBPyConnection) -> str:
    try:
        row = db.execute("select business_date, finished from ops.build").fetchone()
    except duckdb.CatalogException:
        row = None
    if row is None or not row[1]:
        do = "Run `beyond-likes build`; readers keep the last release"
        raise FatalError("publish", "the last build did not finish", do)
    return str(row[0])


def _copy(
    db: duckdb.DuckDBPyConnection,
    draft: Path,
    described: Mapping[str, Any],
    held: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Copy every mart; of those in `held`, what schema held.published has instead."""
    names = db.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    db.execute(
        f"attach '{_quoted(draft / 'marts.duckdb')}' as release (storage_version '{STORAGE}')"
    )
    try:
        return [
            _copy_table(db, name, draft, _withheld(described.get(name, {}), held.get(name)))
            for name in sorted({name for (name,) in names} | held.keys())
        ]
    finally:
        db.execute("detach release")


def _withheld(node: Mapping[str, Any], left_out: str | None) -> dict[str, Any]:
    """Return what dbt says of a table with the schema to copy from and what is left out there."""
    if left_out is None:
        return {**node, "from": "marts"}
    columns = {**node.get("columns", {}), **cells.COLUMNS}
    text = f"{_text(node)} {left_out}".strip()
    return {"description": text, "columns": columns, "from": "held.published"}


def _copy_table(
    db: duckdb.DuckDBPyConnection, name: str, draft: Path, node: Mapping[str, Any]
) -> dict[str, Any]:
    source = f'{node["from"]}."{name}"'
    described = db.execute(f"describe {source}").fetchall()
    kinds = {
        column: "BIGINT" if kind == WIDE else kind
        for column, kind, *_ in described
        if not column.startswith("_")
    }
    picked = ", ".join(
        f'cast("{column}" as {kind}) as "{column}"' for column, kind in kinds.items()
    )
    db.execute(f'create table release.main."{name}" as select {picked} from {source} order by all')
    texts = {column: _text(node.get("columns", {}).get(column, {})) for column in kinds}
    _describe(db, name, _text(node), texts)
    parquet = _quoted(draft / "parquet" / f"{name}.parquet")
    db.execute(f"copy release.main.\"{name}\" to '{parquet}' (format parquet, compression zstd)")
    rows = db.execute(f'select count(*) from release.main."{name}"').fetchone() or (0,)
    columns = [
        {"name": column, "type": kind, "description": texts[column]}
        for column, kind in kinds.items()
    ]
    return {"name": name, "rows": rows[0], "description": _text(node), "columns": columns}


def _described(manifest: Path) -> dict[str, Any]:
    if not manifest.exists():
        return {}
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] in ("model", "seed")}


def _text(node: Mapping[str, Any]) -> str:
    return " ".join(str(node.get("description", "")).split())


def _describe(
    db: duckdb.DuckDBPyConnection, name: str, text: str, columns: Mapping[str, str]
) -> None:
    """Write a table's descriptions at once: each commit of its own waits for the disk."""
    table = f'release.main."{name}"'
    texts = {f"table {table}": text}
    texts |= {f'column {table}."{column}"': told for column, told in columns.items()}
    with transaction(db):
        for thing, told in texts.items():
            if told:
                db.execute(f"comment on {thing} is '{_quoted(told)}'")


def _swap(link: Path, release: Path) -> None:
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("releases") / release.name)
        draft.replace(link)
        _sync(link.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        folder = link.is_dir() and not link.is_symlink()
        what = "it is a folder" if folder else f"it cannot be swapped ({error.strerror})"
        what += f", where a link to {release} belongs"
        do = "Move it away or free space and run `beyond-likes publish`; nothing in it was changed"
        raise FatalError(str(link), what, do) from error


def _rights(folder: Path) -> int:
    return folder.stat().st_mode & 0o777


def _quoted(text: object) -> str:
    return str(text).replace("'", "''")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
