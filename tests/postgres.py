"""A real PostgreSQL, the machine's package, on a free port of 127.0.0.1 in its own folder."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ADMIN = "postgres"


@dataclass(frozen=True)
class Server:
    """Where it listens and whom it lets in."""

    port: int
    password: str

    def url(self, user: str = ADMIN, password: str | None = None, database: str = ADMIN) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, user: str = ADMIN) -> Any:
        from pg8000.native import Connection

        return Connection(
            user, password=self.password, host="127.0.0.1", port=self.port, database=ADMIN
        )

    def rows(self, sql: str, user: str = ADMIN) -> list[list[Any]]:
        with self.connect(user) as db:
            return list(db.run(sql) or [])


def programs() -> Path | None:
    """Return the folder of the newest server's programs; Debian keeps them off the path."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr/pgsql").glob("bin")]
    found = [one for one in folders if (one / "initdb").exists()]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    return max(found, key=lambda one: _number(one.parent.name), default=None)


def _number(name: str) -> int:
    return int(name) if name.isdecimal() else 0


def needed() -> Path:
    """Return that folder, or skip: where CI is true nothing may be missing."""
    folder = programs()
    missing = [
        what
        for what, there in (
            ("PostgreSQL (apt-get install postgresql)", folder),
            ("the package pg8000 (make setup)", find_spec("pg8000")),
        )
        if not there
    ]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if folder is None or missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    return folder


@contextmanager
def running() -> Iterator[Server]:
    """Start a server and stop it at the end. It refuses root, so root lends it another user."""
    folder = needed()
    user = _other_user() if os.geteuid() == 0 else None
    server = Server(free_port(), secrets.token_hex(8))
    home = Path(tempfile.mkdtemp(prefix="beyond-likes-pg-"))
    try:
        (home / "password").write_text(server.password, encoding="ascii")
        if user:
            for path in (home, home / "password"):
                shutil.chown(path, user)

        def call(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [str(folder / program), "-D", str(home / "data"), *arguments],
                cwd=home, user=user, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr

        call(
            "initdb", "-U", ADMIN, "-A", "scram-sha-256", "--pwfile", str(home / "password"),
            "-E", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip
        settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
        call("pg_ctl", "-w", "-l", str(home / "log"), "-o", f"-p {server.port} {settings}", "start")
        try:
            yield server
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _other_user() -> str:
    names = {one.pw_name for one in pwd.getpwall()}
    return ADMIN if ADMIN in names else "nobody"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
