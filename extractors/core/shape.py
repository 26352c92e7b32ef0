"""What a reply must look like before its records are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extractors.core.errors import ExtractError, FatalError
from extractors.core.replies import Reply
from extractors.core.types import Record


def listed(reply: Reply, key: str | None = None) -> list[Record]:
    """Return the records of a reply: its list under `key`, or the body itself.

    Raises: FatalError when there is no list of objects; an empty list is a good answer.
    """
    body: Any = reply.body
    if key is not None:
        body = body.get(key) if isinstance(body, dict) else None
    if isinstance(body, list) and all(isinstance(item, dict) for item in body):
        return body
    place = f"under {key!r}" if key else "as body"
    what = f"{reply.request} gave no list of objects {place}"
    raise FatalError(reply.where, what, "Compare with the platform's change log")


def inner(value: Any, *path: str) -> Any:
    """Return the value at a path of nested objects, None where one of them is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def names(text: str) -> frozenset[str]:
    """Return the field names of a text, for `Stream.ignored`."""
    return frozenset(text.split())


def naming_rights(rights: Mapping[str, str], do: str) -> Callable[[Reply], ExtractError | None]:
    """Return an `explain` for Client that names the right of the stream that got a 403.

    Shape: `rights` by stream name; `do` is what to do, with `{right}` in it.
    """

    def explain(reply: Reply) -> ExtractError | None:
        if reply.status != 403:
            return None
        right = rights.get(reply.where.partition(".")[2], "the read rights")
        what = f"{reply.request} is not permitted (403)"
        return FatalError(reply.where, what, do.format(right=right))

    return explain
