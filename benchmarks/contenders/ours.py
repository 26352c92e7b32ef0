"""beyond-likes: HTTP client, landing, loader; a typed raw table with one row a key."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from extractors.core.http import Client, Seen
from extractors.core.landing import land
from extractors.core.loader import connect, load, prepare
from extractors.core.types import Column, Page, Scan, Stream, Window

COLUMNS = {
    "post_id": Column(),
    "account_id": Column(),
    "published_at": Column("TIMESTAMPTZ"),
    "day": Column("DATE"),
    "kind": Column(),
    "text": Column(),
    "url": Column(),
    "campaign": Column(),
    "impressions": Column("BIGINT"),
    "reach": Column("BIGINT"),
    "likes": Column("BIGINT"),
    "comments": Column("BIGINT"),
    "shares": Column("BIGINT"),
    "saves": Column("BIGINT"),
    "clicks": Column("BIGINT"),
    "video_views": Column("BIGINT"),
    "spend": Column("DECIMAL(18,4)"),
    "currency": Column(),
    "is_paid": Column("BOOLEAN"),
    "click_rate": Column("DOUBLE"),
}


def posts(client: Client, _scan: Scan) -> Iterator[Page]:
    """Follow the Link header to the last page."""
    seen, link = Seen("bench.posts"), "/posts"
    while link:
        reply = client.get(seen.check(link))
        yield Page(reply.body, reply.fetched_at)
        link = reply.next_link() or ""


STREAM = Stream(
    "bench", "posts", ("post_id",), COLUMNS, "window", posts, ("post_id",),
    frozenset({"lifecycle_state", "etag"}),
)  # fmt: skip


def main(url: str, folder: Path) -> None:
    """Bring the records from the server to raw.bench__posts."""
    client = Client(url, where=STREAM.label)
    window = Window.of(date(2026, 3, 1), date(2026, 3, 1), "UTC")
    pages = STREAM.extract(client, Scan(window))
    land(STREAM, window, pages, root=folder / "landing", key=b"k" * 32)
    with connect(folder / "warehouse.duckdb") as db:
        prepare(db, [STREAM])
        (loaded,) = load(db, {STREAM.label: STREAM}, folder / "landing")
    print(loaded.rows)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[3]))
