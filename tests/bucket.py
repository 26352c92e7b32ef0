"""An S3-compatible server of others (moto) on 127.0.0.1, with one bucket, for landing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[1]
ENVIRONMENT = ROOT / ".venv-objects"
NAME = "company"


@dataclass(frozen=True)
class Store:
    """The server's address."""

    url: str

    def ask(self, method: str, path: str, body: bytes = b"") -> None:
        """Send a request that needs no signature."""
        plain = {"Content-Type": "text/plain"}
        with urlopen(Request(f"{self.url}/{path}", body, plain, method=method), timeout=10):
            pass

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Let the server check who asks, as a real one does; it knows nobody."""
        self.ask("POST", "moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self.ask("POST", "moto-api/reset-auth", b"1000000000")


@contextmanager
def running() -> Iterator[Store]:
    """Run the server with the variables set that s3fs reads; skip where it is not set up."""
    if not list(ENVIRONMENT.glob(".ready-*")):
        assert os.environ.get("CI") != "true", "run `make prove`: it sets up .venv-objects"
        pytest.skip(".venv-objects is not set up: `make prove` does")
    (packages,) = ENVIRONMENT.glob("lib/python*/site-packages")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = Store(f"http://127.0.0.1:{port}")
    server = subprocess.Popen(
        [str(ENVIRONMENT / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "path", [*sys.path, str(packages)])
            for name, value in account(store.url).items():
                patch.setenv(name, value)
            _wait(store)
            store.ask("PUT", NAME)
            yield store
    finally:
        server.kill()
        server.wait()


def account(url: str) -> dict[str, str]:
    """Return the environment of somebody who may use the store at `url`."""
    return {
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "only-for-tests",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _wait(store: Store) -> None:
    for _ in range(300):
        try:
            store.ask("GET", "moto-api/data.json")
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError("the store does not answer")
