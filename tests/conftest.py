"""A real HTTP server on this machine that answers what a test tells it to, and notes each call."""

from __future__ import annotations

import gc
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pytest

from extractors import build
from extractors.core.http import Client
from extractors.core.ledger import connect
from extractors.core.types import Window
from tests.warm import SHARED, WithWarmDbt, hold

# Files that take long begin first, so that no worker is left alone with one at the end.
LONGEST = (
    "test_simulated_company", "test_crash", "test_rules", "test_real_night", "test_kept",
    "test_kpis", "test_dags", "test_real_data", "test_docs_commands", "test_upkeep",
    "test_browser", "test_clients", "test_fuzz", "test_postgres", "test_trials", "test_foreign",
    "test_bad_input", "test_file_drop", "test_golden", "test_metric_breaks", "test_reviews",
    "test_audit", "test_alerts_how_to", "test_spark",
)  # fmt: skip
SECRET = b"only-for-tests-0123456789-abcdefghij"
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()  # thousands of tests and their modules stay to the end


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers inherit it
        os.environ[SHARED] = tempfile.mkdtemp(prefix="beyond-likes-tests-")
        hold()


def pytest_unconfigure(config: pytest.Config) -> None:
    gc.unfreeze()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def warm_dbt() -> Iterator[None]:
    """Let builds in this process fork dbt from one that has imported it, see tests/warm.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "subprocess", WithWarmDbt())
        yield


@dataclass(frozen=True)
class Call:
    """One request as the platform saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Answer:
    """One reply; `cut` promises more bytes than it sends, `bytes` bodies go out as they are."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


Script: TypeAlias = "Answer | Callable[[Call], Answer]"


@dataclass
class Platform:
    """Scripted replies per path, used up in order; the last one repeats."""

    url: str = ""
    replies: dict[str, list[Script]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def says(
        self,
        path: str,
        *bodies: Any,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        cut: bool = False,
    ) -> None:
        """Add replies for `path`."""
        for body in bodies:
            self.replies.setdefault(path, []).append(Answer(body, status, headers or {}, cut))

    def does(self, path: str, script: Callable[[Call], Answer]) -> None:
        """Answer `path` by a function of the call."""
        self.replies.setdefault(path, []).append(script)

    def answer(self, call: Call) -> Answer:
        with self.lock:
            self.calls.append(call)
            script = self.replies.get(call.path) or [Answer({}, 404)]
            reply = script.pop(0) if len(script) > 1 else script[0]
        return reply if isinstance(reply, Answer) else reply(call)

    def asked(self, path: str) -> list[dict[str, str]]:
        """Return the queries that came for `path`, in order."""
        return [call.query for call in self.calls if call.path == path]


def _handler(known: Platform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms for the headers' receipt

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length).decode()
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = known.answer(Call(self.command, parts.path, query, headers, sent))
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)
            self.send_header("Content-Length", str(len(body) + (9 if reply.cut else 0)))
            for name, value in {"Date": DATE, **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if reply.cut:
                self.close_connection = True

        do_POST = do_GET  # noqa: N815 - name given by the standard library

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test output quiet."""

    return Handler


def serve() -> Iterator[Platform]:
    """Yield a platform that listens on a free port of 127.0.0.1 until the generator ends."""
    known = Platform()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(known))
    server.daemon_threads = True
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def platform() -> Iterator[Platform]:
    yield from serve()


@pytest.fixture
def other_platform() -> Iterator[Platform]:
    """Another host: the same machine, another port."""
    yield from serve()


@pytest.fixture
def naps() -> list[float]:
    """The seconds that the client would have slept."""
    return []


@pytest.fixture
def client(platform: Platform, naps: list[float]) -> Client:
    return Client(platform.url, where="social.posts", attempts=3, sleep=naps.append)


@pytest.fixture
def day() -> Window:
    return Window.of(datetime(2026, 3, 1, tzinfo=UTC).date(),
                     datetime(2026, 3, 1, tzinfo=UTC).date(), "UTC")  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path / "warehouse.duckdb") as connection:
        yield connection
