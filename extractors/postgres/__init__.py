"""The published marts in a PostgreSQL of the company's, for BI tools that read no files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extractors.core.errors import FatalError
from extractors.postgres.copying import SCHEMA, copy
from extractors.postgres.link import URL
from extractors.project import Project

__all__ = ["SCHEMA", "copy", "publish"]


def publish(
    own: Project,
    *,
    schema: str = SCHEMA,
    secrets: Mapping[str, str] | None = None,
    done: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Copy the published release into the PostgreSQL of BEYOND_LIKES_POSTGRES_URL.

    Shape: {business_date, release, schema, tables, rows}. `secrets` fill what the environment
    lacks. The warehouse is not opened.
    Raises: FatalError without a URL or a release, and what `copy` raises.
    """
    url = {**(secrets or {}), **own.env}.get(URL)
    if not url:
        do = f"Set {URL} in the environment or in .env beside sources.yml"
        raise FatalError("postgres", "no URL of a database; nothing was copied", do)
    published = own.config.home / "published"
    if not published.exists():
        raise FatalError(str(published), "nothing is published", "Run `beyond-likes publish` first")
    return copy(published.resolve(), url, schema=schema, done=done)
