"""What a contract test needs: a case for each stream, a client, a scan, the way into raw.

The test of a source, test_NAME.py, lists its streams in `CASES`; test_faults.py runs all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from extractors.core import landing, loader
from extractors.core.http import Client
from extractors.core.types import Account, Page, Scan, Source, Stream, Window
from tests.conftest import SECRET, Platform

TOKEN = "token-that-nobody-may-see"
TOKEN_REPLY = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}
SECRETS = {
    "access_token": TOKEN,
    "api_key": "api-key-x",
    "api_token": TOKEN,
    "app_password": "app-password-x",
    "app_secret": "app-secret-x",
    "client_id": "id",
    "client_secret": "client-secret-x",
}
FIRST, LAST = date(2026, 2, 20), date(2026, 2, 26)


@dataclass(frozen=True)
class Case:
    """One stream: the path it reads, an answer without records, what it asks for before."""

    module: ModuleType
    stream: Stream
    path: str
    empty: Any
    before: Mapping[str, Any] = field(default_factory=dict)
    is_list: bool = True


def connect(module: ModuleType, url: str, naps: list[float]) -> Client:
    """Return the source's own client for a local platform; it notes its waits and never sleeps."""
    source: Source = module.SOURCE
    named = [name for name in source.settings if name != "base_url"]
    settings = {"token_url": f"{url}/token", "analytics_url": url} | dict.fromkeys(named, "7")
    name = module.__name__.rpartition(".")[2]
    # only sources that must have one: others would renew the token that a test refuses
    more = {"refresh_token": "refresh-token-x"} if "refresh_token" in source.credentials else {}
    client = source.connect(Account(name, url, settings, SECRETS | more))
    client._sleep = naps.append
    return client


def scan(cursor: str | None = None, **settings: str) -> Scan:
    """Return a scan of 20 to 26 February 2026; the scripted platform's clock says 2 March."""
    names = ("account", "advertiser", "handle", "organization", "page", "property")
    named = dict.fromkeys(names, "7")
    return Scan(Window.of(FIRST, LAST, "UTC"), cursor, named | settings)


def pages(case: Case | Stream, client: Client, **more: Any) -> list[Page]:
    """Read the stream to its end."""
    stream = case.stream if isinstance(case, Case) else case
    return list(stream.extract(client, more.pop("asked", None) or scan(**more)))


def prepare(case: Case, platform: Platform) -> None:
    """Script what the stream asks for before its own path."""
    for path, body in case.before.items():
        platform.says(path, body)


def load(
    stream: Stream, read: list[Page], root: Path, db: duckdb.DuckDBPyConnection
) -> tuple[landing.Landed, list[dict[str, Any]]]:
    """Land and load pages; return the landed attempt and the rows of the raw table by key."""
    landed = landing.land(stream, scan().window, read, root=root, key=SECRET)
    loader.prepare(db, [stream])
    (done,) = loader.load(db, {stream.label: stream}, root)
    assert done.errors == ()
    names = ", ".join(stream.columns)
    found = db.execute(f"select {names} from raw.{stream.table} order by {', '.join(stream.key)}")
    return landed, [dict(zip(stream.columns, row, strict=True)) for row in found.fetchall()]
