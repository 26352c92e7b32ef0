"""Work that a platform does while we wait, and what it wrote: pages of CSV behind locators."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client, Reply, Seen
from extractors.core.types import Page, Record

POLLS, POLL_SECONDS = 120, 15.0
ROWS_A_CALL, ROWS_A_PAGE = 10_000, 2_000  # what is in memory: the text of a call, rows of a page

T = TypeVar("T")


def awaited(client: Client, where: str, ask: Callable[[], T | None], what: str) -> T:
    """Ask again and again until the answer is no None, and return it.

    Raises: RetriableError after half an hour; what `ask` raises.
    """
    for _poll in range(POLLS):
        answer = ask()
        if answer is not None:
            return answer
        client.wait(POLL_SECONDS, where)
    minutes = POLLS * POLL_SECONDS / 60
    raise RetriableError(where, f"{what} was not made within {minutes:.0f} minutes",
                         "Run again later")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paging:
    """How a platform pages CSV.

    Shape: `size` and `locator` are parameters; `following` is the header that holds the next
    locator, or the text `end`; `count` the header with the number of rows.
    """

    size: str
    locator: str
    following: str
    count: str
    end: str


def csv_pages(
    client: Client, path: str, paging: Paging, columns: Collection[str], where: str
) -> Iterator[Page]:
    """Yield records of text cells by column name, an empty cell as None.

    Shape: one call's text is in memory, its rows are read from it a page at a time.
    Raises: FatalError when one of `columns` is missing, or a page does not say what follows.
    """
    seen, params = Seen(where), {paging.size: str(ROWS_A_CALL)}

    def whole(text: str, headers: Mapping[str, str]) -> bool:
        return _is_whole(text, headers.get(paging.count))

    while True:
        reply = client.text(path, params, accept="text/csv", whole=whole, where=where)
        records = _records(reply, columns)
        page = list(islice(records, ROWS_A_PAGE))
        yield Page(page, reply.fetched_at)
        while page := list(islice(records, ROWS_A_PAGE)):
            yield Page(page, reply.fetched_at)
        following = reply.headers.get(paging.following)
        if following == paging.end:
            return
        if not following:
            what = f"{reply.request} does not say in {paging.following} what follows"
            raise FatalError(where, what, "Compare with the platform's change log")
        params[paging.locator] = seen.check(following)


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the rows, the header too; csv.Error at a quote that never closes."""
    return filter(None, csv.reader(io.StringIO(text, newline=""), strict=True))


def _is_whole(text: str, count: str | None) -> bool:
    """Say whether all rows are as wide as the header, and as many as the platform counted."""
    try:
        rows = _rows(text)
        width, found = len(next(rows, [])), 0
        for row in rows:
            found += 1
            if len(row) != width:
                return False
    except csv.Error:
        return False
    return count is None or count == str(found)


def _records(reply: Reply, columns: Collection[str]) -> Iterator[Record]:
    rows = _rows(reply.body)
    header = next(rows, [])
    for row in rows:
        if missing := sorted(set(columns) - set(header)):
            what = f"{reply.request} gave no column {', '.join(missing)}"
            raise FatalError(reply.where, what, "Compare with the platform's change log")
        yield {name: cell or None for name, cell in zip(header, row, strict=True)}
