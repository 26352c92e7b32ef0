"""One process that answers as every platform of the simulated company, and its clock."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sandbox.company import Company
from sandbox.company.base import ZONE
from sandbox.company.systems import STACK
from sandbox.faults import Faults
from sandbox.files import write_files
from sandbox.servers import MODULES, SECRETS
from sandbox.servers.wire import Clock, Platform, Reply, Request, World
from sandbox.truth import as_json, count

_ASKED = ("Cut", "Drip", "Encoding", "Skew")  # what a fault asks of sending
DRIP_SECONDS = 0.02


@dataclass(slots=True)
class Sandbox:
    """A running company: address, clock, files and ground truth.

    Shape: `requests` counts the calls of each platform since the start.
    """

    company: Company
    clock: Clock
    out: Path
    url: str
    platforms: dict[str, Platform]
    faults: Faults
    sources: Sequence[str] = STACK
    requests: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def day(self) -> date:
        """The business day whose end every system shows."""
        return self.clock.day

    def set_day(self, day: date, *, truth: bool = False) -> None:
        """Move the clock and put that morning's files in place; ValueError outside the history."""
        if not self.company.first <= day <= self.company.last:
            span = f"{self.company.first} to {self.company.last}"
            raise ValueError(f"{day} lies outside the simulated days {span}")
        with self._lock:
            self.clock.day = day
            write_files(
                self.company, self.out, day, url=self.url, sources=self.sources, truth=truth
            )

    def truth(self) -> list[dict[str, Any]]:
        """Return the ground truth of the clock's day, see sandbox/truth.py."""
        return count(self.company, self.clock.day)

    def answer(self, request: Request, base: str | None = None) -> Reply:
        """Return the reply of the platform that the path begins with, faults included.

        Shape: `base` is the address that the caller knows the platform by and its links begin with.
        """
        name, _, rest = request.path.strip("/").partition("/")
        if name == "_sandbox":
            return self._control(rest, request)
        platform = self.platforms.get(name)
        if platform is None:
            return Reply({"error": f"no platform {name!r}; known: {sorted(self.platforms)}"}, 404)
        with self._lock:
            self.requests[name] = self.requests.get(name, 0) + 1
            request.base = f"{self.url}/{name}" if base is None else base
            request.path = f"/{rest}"
            return self.faults.apply(name, platform, request)

    def _control(self, rest: str, request: Request) -> Reply:
        if rest == "day" and request.method == "POST":
            try:
                day = date.fromisoformat(str((request.json or {}).get("date")))
                self.set_day(day)
            except ValueError as error:
                return Reply({"error": str(error)}, 400)
        if rest == "day":
            return Reply({"date": self.day.isoformat(), "now": self.clock.now.isoformat()})
        if rest == "truth":
            return Reply(json.loads(as_json(self.truth())))
        return Reply({"error": "known: /_sandbox/day, /_sandbox/truth"}, 404)


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into requests and replies; one instance a connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the headers' receipt
    sandbox: Sandbox

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, self.rfile.read(length))
        if path.startswith("/_sandbox") and self.client_address[0] != "127.0.0.1":
            self._send(Reply({"error": "only from this machine"}, 403))
            return
        self._send(self.answer(request))

    def answer(self, request: Request) -> Reply:
        """Return the reply to one call."""
        return self.sandbox.answer(request)

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve()

    def do_PATCH(self) -> None:
        """Answer a PATCH."""
        self._serve()

    def _send(self, reply: Reply) -> None:
        if reply.status == 0:  # the fault of a lost connection
            self.close_connection = True
            self.connection.close()
            return
        asked = {name: reply.headers.pop(f"X-Sandbox-{name}", "") for name in _ASKED}
        body = reply.body() if callable(reply.body) else reply.body
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        if asked["Encoding"]:
            body = body.replace(b'"', b'"\xe9', 1)
        body = body[: len(body) // 2] if asked["Cut"] else body
        now = self.sandbox.clock.now + timedelta(minutes=int(asked["Skew"] or 0))
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        reply.headers.setdefault("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        pieces = 4 if asked["Drip"] else 1
        size = -(-len(body) // pieces) or 1
        for start in range(0, len(body), size):
            time.sleep(DRIP_SECONDS if pieces > 1 else 0)
            self.wfile.write(body[start : start + size])
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: query strings do not belong into a log."""


class Server(ThreadingHTTPServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Show what broke; a client that went away, or did not trust us, is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


def yesterday() -> date:
    """Return the last complete business day."""
    return (datetime.now(UTC).astimezone(ZONE) - timedelta(days=1)).date()


@contextmanager
def running(
    out: Path,
    *,
    seed: int = 1,
    days: int = 400,
    scale: float = 1.0,
    faults: str = "",
    port: int = 0,
    last_day: date | None = None,
    truth: bool = False,
    ticket_campaigns: bool = False,
    sources: Sequence[str] = STACK,
) -> Iterator[Sandbox]:
    """Serve a company from a thread while the block runs; its files lie in `out`."""
    last = last_day or yesterday()
    company = Company(
        seed=seed,
        last=last,
        days=days,
        scale=scale,
        ticket_campaigns=ticket_campaigns,
        sources=sources,
    )
    world = World(company, Clock(last), SECRETS)
    platforms = {name: module.PLATFORM(world) for name, module in MODULES.items()}
    trouble = Faults.parse(faults, seed=seed, platforms=list(platforms))

    class Own(Handler):
        """The handler of this server alone."""

    with Server(("127.0.0.1", port), Own) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        sandbox = Sandbox(company, world.clock, out, url, platforms, trouble, sources)
        Own.sandbox = sandbox
        write_files(company, out, last, url=url, sources=sources, truth=truth)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield sandbox
        finally:
            server.shutdown()
            thread.join()


def serve(
    *,
    seed: int = 1,
    days: int = 400,
    scale: float = 1.0,
    faults: str = "",
    out: Path,
    port: int = 0,
    last_day: date | None = None,
    sources: Sequence[str] = STACK,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a company until SIGTERM or SIGINT; `on_ready` gets its address."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options = {"seed": seed, "days": days, "scale": scale, "faults": faults, "port": port}
    with running(
        out,
        last_day=last_day,
        truth=True,
        sources=sources,
        **options,  # type: ignore[arg-type]
    ) as sandbox:
        if on_ready:
            on_ready(sandbox.url)
        stop.wait()
