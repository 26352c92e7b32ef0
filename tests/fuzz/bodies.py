"""Mutated replies of the simulated company's platforms, one stream and one attempt a case."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

from extractors import run
from extractors.core.auth import OAuth
from extractors.core.errors import ExtractError
from extractors.core.http import Client
from extractors.core.landing import land
from extractors.core.ledger import connect
from extractors.core.types import Page, Scan, Window
from extractors.project import modules, streams
from sandbox.faults import Faults
from sandbox.serve import running
from sandbox.servers import MODULES
from sandbox.servers.wire import Platform, Reply, Request
from tests.fuzz import mutations
from tests.fuzz.accounts import Warehouse, wrong_message
from tests.stack import LAST

DAYS, SCALE = 60, 0.1
MOST_REQUESTS = 300  # of one stream whose quiet night takes a dozen at most


class Hostile(Faults):
    """Answers well, but for one call of a case: that one gets the same mutated reply each time."""

    def __init__(self) -> None:
        super().__init__([], seed=0)
        self.asked, self._at, self._random = 0, 0, Random(0)
        self._call, self._reply, self._once = "", Reply(None), False

    def arm(self, at: int, random: Random) -> None:
        """Begin a case whose call number `at` is answered badly; 0: none is."""
        self.asked, self._at, self._random = 0, at, random
        self._call, self._once = "", random.random() < 0.2

    def apply(self, name: str, platform: Platform, request: Request) -> Reply:
        self.asked += 1
        call = f"{name} {request.method} {request.path}?{request.query} {request.body.hex()}"
        if self.asked > MOST_REQUESTS:
            return Reply({"error": "enough"}, 400)
        if call == self._call and not self._once:
            return Reply(self._reply.body, self._reply.status, dict(self._reply.headers))
        try:
            reply = platform.handle(request)
        except Exception as error:  # a client that was told nonsense asks nonsense
            return Reply({"error": type(error).__name__}, 400)
        if self.asked == self._at:
            self._call, self._reply = call, _mutated(reply, self._random)
            return Reply(self._reply.body, self._reply.status, dict(self._reply.headers))
        return reply


def _mutated(reply: Reply, random: Random) -> Reply:
    body = reply.body() if callable(reply.body) else reply.body
    plain = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    status, headers, kind = reply.status, dict(reply.headers), random.random()
    if kind < 0.6 and not isinstance(body, bytes):
        plain = mutations.json_of(body, random)
    elif kind < 0.8:
        plain = mutations.bytes_of(plain, random)
    elif kind < 0.83:
        plain = mutations.deep(random)
    elif kind < 0.86:
        plain = mutations.doubled_keys(plain, random)
    elif kind < 0.9:
        status = random.choice(mutations.ODD_STATUS)
    if kind >= 0.86:
        for name in random.sample(list(mutations.ODD_HEADERS), random.choice((1, 2, 3))):
            headers[name] = random.choice(mutations.ODD_HEADERS[name])
        status = random.choice((status, status, 302, 429))
    return Reply(plain, status, headers)


@contextmanager
def hurried() -> Iterator[None]:
    """Let clients wait for no time; what is no time for a clock stays an error."""

    def nap(seconds: float) -> None:
        time.sleep(seconds - seconds)

    with ExitStack() as stack:
        for kind in (Client, OAuth):
            stack.enter_context(patch.dict(kind.__init__.__kwdefaults__, sleep=nap))
        yield


class Bodies:
    """The running company, a warehouse after its quiet night, and what each stream asks for."""

    def __init__(self, folder: Path, stack: ExitStack, labels: Sequence[str] = ()) -> None:
        self._faults = Hostile()
        sandbox = stack.enter_context(
            running(folder, seed=4, last_day=LAST, days=DAYS, scale=SCALE, sources=list(MODULES))
        )
        stack.enter_context(hurried())
        sandbox.faults = self._faults
        self._home, settings = folder / "data", folder / "sources.yml"
        self._own = run.project(settings)
        plan = run.plan(settings, LAST, since=LAST - timedelta(days=DAYS - 2))
        self._items = {k: item for k, item in plan.items() if "." in k and k in (labels or plan)}
        self._calls: dict[str, int] = {}
        for label in self._items:
            self._faults.arm(0, Random(0))
            self._land(label)
            self._calls[label] = self._faults.asked
        run.load(settings)
        db = stack.enter_context(connect(self._home / "warehouse.duckdb"))
        self._warehouse = Warehouse(db, {label: streams()[label] for label in self._items})

    def case(self, random: Random) -> tuple[str, list[str]]:
        """Return what became of one stream's attempt under a mutated reply, and what was wrong."""
        label = random.choice(list(self._items))
        stream, root = streams()[label], self._home / "landing"
        shutil.rmtree(root / stream.source / stream.name, ignore_errors=True)
        self._faults.arm(random.randint(1, self._calls[label]), random)
        problems = []
        try:
            try:
                self._land(label)
            except ExtractError as error:
                problems += wrong_message(error, stream.source)
            if self._faults.asked > MOST_REQUESTS:
                problems.append("it asks without end")
            account = self._warehouse.load(stream, root)
        except Exception as error:
            error.add_note(label)
            raise
        finally:
            self._warehouse.reset(stream)
            (self._home / "secrets" / f"{stream.source}.json").unlink(missing_ok=True)
        return account.outcome, [f"{label}: {one}" for one in problems + account.problems]

    def _land(self, label: str) -> None:
        """Extract a stream as a night does, without reading the settings each time."""
        stream, item, zone = streams()[label], self._items[label], self._own.config.timezone
        first, last = (date.fromisoformat(item[end]) for end in ("first", "last"))
        window = Window.of(first, last, zone)

        def pages() -> Iterator[Page]:
            account = self._own.account(stream.source)
            client = modules()[stream.source].SOURCE.connect(account)
            yield from stream.extract(client, Scan(window, item["cursor"], account.settings))

        land(stream, window, pages(), root=self._own.landing, key=self._own.hmac_key())
