"""File drop: exports that people have, mapped to eleven entities by sources.yml alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from extractors.core import mapping as mappings
from extractors.core.errors import FatalError, UsageError
from extractors.core.exports import Export, Outcome, land_absence, land_file, matching
from extractors.core.mapping import FileMapping
from extractors.core.picking import Keep
from extractors.core.places import Place
from extractors.core.tabular import READERS
from extractors.core.types import Column, ColumnType, Page, Scan, Stream, Window

TYPES: Mapping[ColumnType, str] = {
    "TIMESTAMPTZ": (
        "published_at applied_at qualified_at interviewed_at offered_at hired_at rejected_at"
        " created_at closed_at opened_at resolved_at first_response_at ordered_at touched_at"
    ),
    "DATE": "as_of date until",
    "DECIMAL(18,4)": "spend amount",
    "BIGINT": (
        "impressions reach likes comments shares saves clicks video_views views engaged_views"
        " followers leads conversions"
    ),
    "BOOLEAN": "qualified hired won resolved new_customer",
    "DOUBLE": "satisfaction",
}
TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
UTM = "utm_source utm_medium utm_campaign utm_content"
ALLOWED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "post_metrics": {"basis": ("lifetime", "daily")}
}
LINKS = {
    ("leads", "deal_id"): Column(takes="deals"),
    ("deals", "lead_id"): Column(of=("leads",)),
}
DROPPED = (".csv", ".xlsx", ".ndjson", ".parquet")


def _read_as_files(_client: object, scan: Scan) -> Iterator[Page]:
    what = f"files are not asked for days ({scan.window.key})"
    raise FatalError("file_drop", what, "Run beyond-likes extract file_drop")


def _entity(name: str, key: str, columns: str) -> Stream:
    """Declare one entity: names with a star are required."""
    names = columns.split()
    required = tuple(one.rstrip("*") for one in names if one.endswith("*"))
    declared = {
        one: LINKS.get((name, one)) or Column(TYPE_OF.get(one, "VARCHAR"), personal=one == "person")
        for one in (column.rstrip("*") for column in names)
    }
    return Stream(
        source="file_drop",
        name=name,
        key=tuple(key.split()),
        columns=declared,
        mode="file",
        extract=_read_as_files,
        required=required,
    )


STREAMS: Mapping[str, Stream] = {
    one.name: one
    for one in (
        _entity(
            "posts",
            "platform post_id",
            "platform* post_id* account_id published_at* type text url campaign audience message",
        ),
        _entity(
            "post_metrics",
            "platform post_id as_of basis",
            "platform* post_id* as_of* basis* impressions reach likes comments shares saves clicks"
            " video_views views engaged_views",
        ),
        _entity(
            "account_metrics",
            "platform account_id as_of",
            "platform* account_id* as_of* followers",
        ),
        _entity(
            "ad_performance",
            "platform ad_id date",
            "platform* ad_id* date* campaign audience message impressions clicks spend currency"
            " leads conversions",
        ),
        _entity(
            "applications",
            "application_id",
            f"application_id* applied_at* person job_id source {UTM} status qualified qualified_at"
            " interviewed_at offered_at hired hired_at rejected_at",
        ),
        _entity(
            "leads",
            "lead_id",
            f"lead_id* created_at* person source {UTM} qualified qualified_at deal_id",
        ),
        _entity(
            "deals",
            "deal_id",
            f"deal_id* created_at* lead_id person source {UTM} won closed_at amount currency",
        ),
        _entity(
            "support_requests",
            "request_id",
            "request_id* opened_at* channel* status resolved resolved_at first_response_at person"
            " topic satisfaction",
        ),
        _entity(
            "orders",
            "order_id",
            f"order_id* ordered_at* person source {UTM} amount currency status new_customer",
        ),
        _entity(
            "costs",
            "cost_id",
            "cost_id* date* until department* platform campaign category* amount* currency*",
        ),
        _entity(
            "touchpoints",
            "touch_id",
            "touch_id* person* touched_at* platform campaign kind",
        ),
    )
}


def read_settings(settings: Mapping[str, Any], timezone: str) -> dict[str, list[FileMapping]]:
    """Return the mappings of every entity that has some.

    Raises: UsageError that names an unknown entity, option or column and the allowed names.
    """
    for entity in settings:
        if entity not in STREAMS:
            do = f"Choose from: {', '.join(STREAMS)}"
            raise UsageError("file_drop", f"unknown entity {entity!r}", do)
    found = {}
    for entity, lines in settings.items():
        listed = [lines] if isinstance(lines, Mapping) else lines or []
        if not isinstance(listed, list):
            what = f"expected a list of mappings, found {listed!r}"
            raise UsageError(f"file_drop.{entity}", what, "Begin each with `- files: ...`")
        if listed:
            found[entity] = [mappings.read(STREAMS[entity], one, timezone) for one in listed]
    return found


def land_all(
    settings: Mapping[str, Any],
    *,
    folder: Path,
    default_folder: Path,
    timezone: str,
    window: Window,
    root: Place,
    key: bytes,
    known: Mapping[str, Collection[str]],
    reject_limit: float,
    keep: Callable[[Stream], Keep | None] = lambda _stream: None,
    only: Collection[str] | None = None,
) -> list[Outcome]:
    """Land every file that changed since it was loaded; one that fails leaves the others alone.

    Shape: entities with mappings read their `files` (relative to `folder`), the others the files
    {entity}*.csv (.xlsx, .ndjson, .parquet) of `default_folder` that have our own column names.
    `known` holds the loaded fingerprints of an entity; `keep` makes what lets a stream's rows
    pass; `only` are entities.
    Raises: UsageError on settings that nobody could follow.
    """
    given = read_settings(settings, timezone)
    outcomes: list[Outcome] = []
    seen: set[Path] = set()
    for entity, stream in STREAMS.items():
        for own in given.get(entity) or [FileMapping(stream, timezone)]:
            paths, misses = _files(own, folder, default_folder)
            seen.update(path.resolve() for path in paths)
            if only is not None and entity not in only:
                continue
            outcomes += [
                land_absence(stream, window, pattern, error, root=root, key=key)
                for pattern, error in misses.items()
            ]
            outcomes += [
                land_file(
                    Export.at(path, folder),
                    own,
                    window,
                    root=root,
                    key=key,
                    known=known.get(entity, ()),
                    reject_limit=reject_limit,
                    allowed=ALLOWED.get(entity, {}),
                    keep=keep(stream),
                )
                for path in paths
            ]
    return outcomes + (_left_over(folder, default_folder, seen) if only is None else [])


def _files(
    own: FileMapping, folder: Path, default_folder: Path
) -> tuple[list[Path], dict[str, FatalError]]:
    """Return the files of a mapping and an error for each pattern that matches none."""
    if not own.files:
        name = own.stream.name
        found = (path for end in DROPPED for path in matching(f"{name}*{end}", default_folder))
        return sorted(found), {}
    paths: list[Path] = []
    misses = {}
    for pattern in own.files:
        found_here = matching(pattern, folder)
        paths += [path for path in found_here if path not in paths]
        if not found_here:
            label = own.stream.label
            do = "Correct files: in sources.yml (paths are relative to it) or put the export there"
            misses[pattern] = FatalError(f"{label} {pattern}", "no file matches", do)
    return paths, misses


def _left_over(folder: Path, default_folder: Path, seen: Collection[Path]) -> list[Outcome]:
    """Return a failed outcome for each export in the drop folder that nothing reads."""
    outcomes = []
    for path in matching("*", default_folder):
        if path.suffix.lower() in READERS and path.resolve() not in seen:
            name = Export.at(path, folder).name
            what = "nothing reads this file"
            do = f"Let its name begin with one of {', '.join(STREAMS)}, or map it in sources.yml"
            error = FatalError(f"file_drop {name}", what, do)
            outcomes.append(Outcome("file_drop", name, "failed", error=error))
    return outcomes
