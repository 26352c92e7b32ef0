"""Singer: tap-rest-api-msdk piped into target-duckdb, each in its own environment.

`singer.py URL PAGES FOLDER TAP TARGET`, run by the target's environment, which has duckdb.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb

TEXT, WHOLE, NUMBER = "string", "integer", "number"
FIELDS = {
    "post_id": TEXT, "account_id": TEXT, "published_at": TEXT, "day": TEXT, "kind": TEXT,
    "text": TEXT, "url": TEXT, "campaign": TEXT, "impressions": WHOLE, "reach": WHOLE,
    "likes": WHOLE, "comments": WHOLE, "shares": WHOLE, "saves": WHOLE, "clicks": WHOLE,
    "video_views": WHOLE, "spend": NUMBER, "currency": TEXT, "is_paid": "boolean",
    "click_rate": NUMBER,
}  # fmt: skip


def main(url: str, folder: Path, tap: str, target: str) -> None:
    """Bring the records from the server to a DuckDB table, one Singer message a record."""
    schema = {
        "type": "object",
        "properties": {name: {"type": [kind, "null"]} for name, kind in FIELDS.items()},
    }
    stream = {
        "name": "posts",
        "path": "/posts",
        "primary_keys": ["post_id"],
        "records_path": "$[*]",
        "schema": schema,
    }
    settings = {
        "api_url": url,
        "pagination_request_style": "restapi_header_link_paginator",
        "pagination_response_style": "header_link",
        "streams": [stream],
    }
    (folder / "tap.json").write_text(json.dumps(settings))
    warehouse = str(folder / "warehouse.duckdb")
    written = {"path": warehouse, "default_target_schema": "raw"}
    (folder / "target.json").write_text(json.dumps(written))
    source = subprocess.Popen([tap, "--config", str(folder / "tap.json")], stdout=subprocess.PIPE)
    sink = subprocess.Popen([target, "-c", str(folder / "target.json")], stdin=source.stdout,
                            stdout=subprocess.DEVNULL)  # fmt: skip
    if source.stdout:
        source.stdout.close()
    if sink.wait() or source.wait():
        sys.exit("the Singer pair failed")
    with duckdb.connect(warehouse) as db:
        found = db.execute("select count(*) from raw.posts").fetchone()
        print(found[0] if found else 0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[3]), sys.argv[4], sys.argv[5])
