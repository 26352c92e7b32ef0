"""Rewrites a landed attempt in place: new parts beside the old, then the manifest, in one rename.

Whoever is stopped in between leaves the old attempt or the new one; what neither names is swept
away by the next call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson
import zstandard

from extractors.core.errors import FatalError
from extractors.core.landing import MANIFEST, Attempt, Parts, write_last
from extractors.core.ledger import translate

Row: TypeAlias = "dict[str, Any]"


def rows(attempt: Attempt, part: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of one part. Raises: FatalError when it is damaged."""
    path = attempt.folder / part["file"]
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise translate(error, str(path)) from error
    if hashlib.sha256(packed).hexdigest() != part["sha256"]:
        what = "the part is damaged, its sum is not the manifest's"
        raise FatalError(str(path), what, "Remove the attempt's folder, then extract it again")
    body = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    for line in body.splitlines():
        row: Row = orjson.loads(line)
        yield row


def rewrite(
    attempt: Attempt,
    head: Mapping[str, Any],
    change: Callable[[Row], Row | None],
    **marks: Any,
) -> None:
    """Replace each row by what `change` returns (None: it leaves) and put `marks` in the manifest.

    Shape: `left` in the manifest counts the rows that have ever left. Raises: FatalError when a
    part is damaged or the disk is full; the attempt then is the old one.
    """
    sweep(attempt, head)
    number = head.get("rewritten", 0) + 1
    try:
        parts = Parts(attempt.folder, f".{number}")
        for part in head["parts"]:
            kept = [new for row in rows(attempt, part) if (new := change(row)) is not None]
            body = b"".join(orjson.dumps(row, None, orjson.OPT_APPEND_NEWLINE) for row in kept)
            parts.add(body, len(kept))
        parts.close()
        count = sum(part["rows"] for part in parts.parts)
        left = head.get("left", 0) + head["rows"] - count
        new = {**head, "rows": count, "parts": parts.parts, "left": left, "rewritten": number}
        write_last(attempt.folder, MANIFEST, {**new, **marks})
    except OSError as error:
        raise translate(error, str(attempt.folder)) from error
    sweep(attempt, new)


def sweep(attempt: Attempt, head: Mapping[str, Any]) -> None:
    """Remove what a killed rewriting has left: files that the manifest does not name."""
    named = {MANIFEST, *(part["file"] for part in head["parts"])}
    for path in attempt.folder.iterdir():
        if path.name not in named:
            path.unlink()
