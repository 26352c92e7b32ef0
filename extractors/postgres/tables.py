"""Tables as PostgreSQL needs them: names, types, descriptions; and which are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extractors.postgres.link import Link

# As format_type() writes them, so that they compare. Any other type arrives as text.
KINDS = {
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "BOOLEAN": "boolean",
    "VARCHAR": "text",
}
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Table:
    """One table: its columns' types by name, in order, and what its description says of them."""

    name: str
    kinds: Mapping[str, str]
    rows: int = 0
    descriptions: Mapping[str, str] = field(default_factory=dict)  # of the table under ""

    @property
    def columns_sql(self) -> str:
        """The column list of `create table`."""
        return ", ".join(f"{identifier(name)} {kind}" for name, kind in self.kinds.items())

    @property
    def names_sql(self) -> str:
        """The column list of `copy`."""
        return ", ".join(map(identifier, self.kinds))

    @property
    def select_sql(self) -> str:
        """DuckDB's query of the rows; PostgreSQL's texts cannot hold the character 0."""
        cells = [
            f"replace(cast({identifier(name)} as varchar), chr(0), '')"
            if kind == "text"
            else identifier(name)
            for name, kind in self.kinds.items()
        ]
        return f"select {', '.join(cells)} from {identifier(self.name)}"


INDEX = Table(
    "published_tables",
    {
        "table_name": "text",
        "row_count": "bigint",
        "business_date": "date",
        "release": "text",
        "published_at": "timestamp without time zone",
    },
    descriptions={
        "": "One row per table that beyond-likes keeps in this schema; all are of one night.",
        "business_date": "Last complete business day of the night.",
        "release": "Folder of the release that the rows were copied from.",
        "published_at": "When it was copied, UTC.",
    },
)


def tables_of(catalog: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a release's catalog.json."""
    return [
        Table(
            one["name"],
            {column["name"]: _kind(column["type"]) for column in one["columns"]},
            one["rows"],
            {
                "": one["description"],
                **{column["name"]: column["description"] for column in one["columns"]},
            },
        )
        for one in catalog["tables"]
    ]


def _kind(duckdb_type: str) -> str:
    if found := DECIMAL.fullmatch(duckdb_type):
        return f"numeric({found[1]},{found[2]})"
    return KINDS.get(duckdb_type, "text")


def present(link: Link, schema: str) -> dict[str, dict[str, str]]:
    """Return the columns' types of every table, view or the like in the schema."""
    rows = link.run(
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where n.nspname = :schema and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        " order by c.relname, a.attnum",
        schema=schema,
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})
        if column is not None:
            found[table][column] = kind
    return found


def comments(link: Link, schema: str, tables: Sequence[Table]) -> Iterator[str]:
    """Yield the statements that make each description what the release says."""
    rows = link.run(
        "select c.relname, coalesce(a.attname, ''), d.description from pg_description d"
        " join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass"
        " join pg_namespace n on n.oid = c.relnamespace"
        " left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid"
        " where n.nspname = :schema and (d.objsubid = 0 or a.attnum > 0)",
        schema=schema,
    )
    here = {(table, column): text for table, column, text in rows}
    for table in tables:
        name = f"{identifier(schema)}.{identifier(table.name)}"
        for column, text in table.descriptions.items():
            if here.get((table.name, column), "") != text:
                thing = f"column {name}.{identifier(column)}" if column else f"table {name}"
                yield f"comment on {thing} is {literal(text)}"


def identifier(name: str) -> str:
    """Return a name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text, quoted; backslashes mean themselves (standard_conforming_strings)."""
    return "'" + text.replace("'", "''") + "'"
