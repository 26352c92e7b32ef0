"""Which days each extraction step asks for, from what the ledger says is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb

from extractors.core import ledger
from extractors.core.errors import UsageError
from extractors.core.types import Stream
from extractors.project import FILE_SOURCES, Project, streams


def item(
    own: Project, db: duckdb.DuckDBPyConnection, label: str, last: date, since: date | None
) -> dict[str, Any]:
    """Return what one step asks for on the night of `last`.

    Shape: {first, last, cursor} of a stream; {first, last, known fingerprints} of a file source.
    `since` asks for older days again.
    """
    if label in FILE_SOURCES:
        return _known(db, label, last)
    return _window(own, db, streams()[label], last, since)


def _window(
    own: Project, db: duckdb.DuckDBPyConnection, stream: Stream, last: date, since: date | None
) -> dict[str, Any]:
    since_ever = own.config.sources[stream.source].get("since") or own.config.since
    first = since_ever or last - timedelta(days=stream.history_days)
    loaded, cursor = ledger.watermark(db, stream, first)
    if stream.mode in ("snapshot", "replace"):
        first = last
    elif loaded is not None:
        first = max(
            first, min(loaded + timedelta(days=1), last) - timedelta(days=stream.lookback_days)
        )
    if since is not None:
        first, cursor = since, None
    return {"first": str(min(first, last)), "last": str(last), "cursor": cursor}


def _known(db: duckdb.DuckDBPyConnection, source: str, last: date) -> dict[str, Any]:
    own = [stream for stream in streams().values() if stream.source == source]
    known = {stream.name: sorted(ledger.fingerprints(db, stream)) for stream in own}
    return {"first": str(last), "last": str(last), "known": known}


def chosen(items: Mapping[str, Any], source: str | None, names: Sequence[str]) -> set[str]:
    """Return the planned steps of a source, or those of its streams that are named; none: all.

    Raises: UsageError that names the steps there are.
    """
    if source is None:
        return set(items)
    wanted = {f"{source}.{name}" for name in names}
    found = {label for label in items if label.partition(".")[0] == source}
    if not found or not wanted <= found:
        missing = sorted(wanted - found) or [source]
        known = ", ".join(sorted(found or {label.partition(".")[0] for label in items}))
        raise UsageError(missing[0], "not in sources.yml", f"Choose from: {known}")
    return wanted or found
