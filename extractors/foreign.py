"""Sources that Airbyte, dlt or Fivetran have loaded: `loaded_by` in sources.yml, handed on to dbt.

The mapping itself is SQL: one file a tool and source in dbt_project/macros/foreign/. Here is only
what people write, checked, and the table ops.foreign that dbt reads it from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractors.config import Config
from extractors.core.errors import FatalError, UsageError

MAPPINGS = Path(__file__).parents[1] / "dbt_project" / "macros" / "foreign"
HOW_TO = "docs/how-to/foreign-tables.md"
TOOLS = ("airbyte", "dlt", "fivetran")
TABLE = """
create or replace table ops.foreign (
    source varchar, tool varchar, file varchar, database varchar, schema varchar, prefix varchar,
    columns varchar, constants varchar)
"""


class Foreign(BaseModel):
    """What sources.yml says of one source that another tool loads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    loaded_by: Literal["airbyte", "dlt", "fivetran"]
    schema_name: str = Field(alias="schema", min_length=1)
    database: str | None = None
    file: Path | None = None
    prefix: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)


def mapped() -> dict[str, list[str]]:
    """Return the sources that a mapping exists for, each with its tools."""
    found: dict[str, list[str]] = {}
    for tool in TOOLS:
        for file in sorted(MAPPINGS.glob(f"{tool}_*.sql")):
            found.setdefault(file.stem.removeprefix(f"{tool}_"), []).append(tool)
    return found


def settings(config: Config) -> dict[str, Foreign]:
    """Return the checked settings of every source that another tool loads.

    Raises: UsageError that names the source, and the tools or the key that it may have.
    """
    return {
        name: _checked(name, lines)
        for name, lines in config.sources.items()
        if "loaded_by" in lines and name not in ("file_drop", "company")
    }


def _checked(name: str, lines: Mapping[str, Any]) -> Foreign:
    tools = mapped().get(name, [])
    if lines["loaded_by"] not in tools:
        known = " or ".join(tools) or "none: it has no mapping"
        what = f"loaded_by: {lines['loaded_by']} is not mapped"
        raise UsageError(name, what, f"Choose {known} ({HOW_TO})")
    try:
        own = Foreign.model_validate(lines)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{name}.{key}", first["msg"], f"Mend that line ({HOW_TO})") from error
    if own.file and own.database:
        raise UsageError(name, "it has file and database", "Keep the one where its tables lie")
    return own


def note(db: duckdb.DuckDBPyConnection, config: Config) -> None:
    """Write ops.foreign: who loads which source, and where its tables lie.

    Raises: FatalError when a named file does not exist.
    """
    found = settings(config)
    files = {config.path(one.file) for one in found.values() if one.file}
    names = {file: f"foreign_{number}" for number, file in enumerate(sorted(files), start=1)}
    db.execute(TABLE)
    for source, one in found.items():
        file = config.path(one.file) if one.file else None
        if file and not file.is_file():
            what = f"no file {file}, where {one.loaded_by} should have loaded it"
            raise FatalError(source, what, f"Mend file: under {source}: in sources.yml")
        row = [
            source, one.loaded_by, str(file) if file else None,
            names[file] if file else one.database, one.schema_name, one.prefix,
            json.dumps(one.columns), json.dumps(one.constants),
        ]  # fmt: skip
        db.execute("insert into ops.foreign values (?, ?, ?, ?, ?, ?, ?, ?)", row)
