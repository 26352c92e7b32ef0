"""Streams that the tests of the core share: one a mode, all with the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.core.http import Client
from extractors.core.types import Column, Mode, Page, Scan, Stream

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

COLUMNS = {
    "post_id": Column(),
    "day": Column("DATE"),
    "likes": Column("BIGINT"),
    "spend": Column("DECIMAL(18,4)"),
    "posted_at": Column("TIMESTAMPTZ"),
    "author": Column(personal=True),
}


def nothing(_client: Client, _scan: Scan) -> Iterator[Page]:
    yield from ()


def made(mode: Mode = "window", name: str = "posts", **more: Any) -> Stream:
    """Return a stream of Example Social with the grain post and day."""
    facts: dict[str, Any] = {
        "source": "social",
        "name": name,
        "key": ("post_id", "day"),
        "columns": COLUMNS,
        "mode": mode,
        "extract": nothing,
        "required": ("post_id", "day"),
    }
    return Stream(**{**facts, **more})


def row(post: str | None, likes: Any = None, **more: Any) -> dict[str, Any]:
    """Return a record as the platform sends it: all fields, on 1 March."""
    fields = dict.fromkeys(COLUMNS)
    return {**fields, "post_id": post, "day": "2026-03-01", "likes": likes, **more}
