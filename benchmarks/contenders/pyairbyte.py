"""PyAirbyte: a declarative source of Airbyte's CDK read into its DuckDB cache.

`pyairbyte.py URL PAGES FOLDER STRATEGY`: with `append` no key is looked at, with `merge` one row a
key stays, as in ours. The declared schema types every column, numbers as DECIMAL(38, 9). Runs in
PyAirbyte's own environment, so it imports nothing of this repository.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ.update(DO_NOT_TRACK="1", AIRBYTE_OFFLINE_MODE="1")

import airbyte

TEXT, WHOLE, NUMBER = (
    {"type": ["null", "string"]},
    {"type": ["null", "integer"]},
    {"type": ["null", "number"]},
)
FIELDS = {
    "post_id": TEXT, "account_id": TEXT, "published_at": {**TEXT, "format": "date-time"},
    "day": {**TEXT, "format": "date"}, "kind": TEXT, "text": TEXT, "url": TEXT, "campaign": TEXT,
    "impressions": WHOLE, "reach": WHOLE, "likes": WHOLE, "comments": WHOLE, "shares": WHOLE,
    "saves": WHOLE, "clicks": WHOLE, "video_views": WHOLE, "spend": NUMBER, "currency": TEXT,
    "is_paid": {"type": ["null", "boolean"]}, "click_rate": NUMBER,
}  # fmt: skip


def manifest(url: str) -> dict[str, Any]:
    """Return the source as Airbyte's builder would write it: a list that follows Link headers."""
    pages = {
        "type": "CursorPagination",
        "cursor_value": "{{ headers['link']['next']['url'] }}",
        "stop_condition": "{{ 'next' not in headers.get('link', {}) }}",
    }
    retriever = {
        "type": "SimpleRetriever",
        "requester": {
            "type": "HttpRequester",
            "url_base": url,
            "path": "/posts",
            "http_method": "GET",
        },
        "record_selector": {
            "type": "RecordSelector",
            "extractor": {"type": "DpathExtractor", "field_path": []},
        },
        "paginator": {
            "type": "DefaultPaginator",
            "pagination_strategy": pages,
            "page_token_option": {"type": "RequestPath"},
        },
    }
    schema = {"type": "object", "properties": FIELDS}
    stream = {
        "type": "DeclarativeStream",
        "name": "posts",
        "primary_key": ["post_id"],
        "retriever": retriever,
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema},
    }
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["posts"]},
        "streams": [stream],
        "spec": {
            "type": "Spec",
            "connection_specification": {"type": "object", "properties": {}},
        },
    }


def main(url: str, folder: Path, strategy: str) -> None:
    """Bring the records from the server to a DuckDB table."""
    source = airbyte.get_source("source-bench", config={}, source_manifest=manifest(url))
    source.select_streams(["posts"])
    cache = airbyte.DuckDBCache(
        db_path=folder / "warehouse.duckdb", schema_name="raw", cache_dir=folder / "cache"
    )
    read = source.read(cache, write_strategy=strategy, force_full_refresh=True)
    print(len(read["posts"]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[3]), sys.argv[4])
