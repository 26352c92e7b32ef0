"""dlt in its fastest setting: Arrow tables, Parquet load files; times stay text.

With `append` no key is looked at; with `merge` one row a key stays, as in ours.

Runs in dlt's own environment, so it imports nothing of this repository.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.update(
    RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR", NORMALIZE__WORKERS="1",
    DATA_WRITER__DISABLE_COMPRESSION="true",
)  # fmt: skip

import dlt
import orjson
import pyarrow
import requests


def tables(url: str) -> Iterator[pyarrow.Table]:
    """Yield one Arrow table a page, following the Link header."""
    session, link = requests.Session(), f"{url}/posts"
    while link:
        reply = session.get(link, timeout=60)
        yield pyarrow.Table.from_pylist(orjson.loads(reply.content))
        link = reply.links.get("next", {}).get("url", "")


def main(url: str, folder: Path, disposition: str) -> None:
    """Bring the records from the server to a DuckDB table."""
    key = "post_id" if disposition == "merge" else None
    posts: Any = dlt.resource(
        tables(url), name="posts", write_disposition=disposition, primary_key=key
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="raw",
    )
    pipeline.run(posts, loader_file_format="parquet").raise_on_failed_jobs()
    with pipeline.sql_client() as client:
        rows = client.execute_sql("select count(*) from posts")
    print(rows[0][0] if rows else 0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[3]), sys.argv[4])
