"""Secrets on disk: written whole and for the owner alone, renewed by one process at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class Kept:
    """The tokens that a platform has rotated for one source, shared by all of its processes.

    Shape: refresh_token, access_token, expires_at by name. What descends from another `given`
    token than the environment holds now is forgotten: the connection was authorised again.
    """

    def __init__(self, file: Path, *, given: str = "") -> None:
        self._file = file
        self._given = hashlib.sha256(given.encode()).hexdigest() if given else ""

    def __call__(self, tokens: Mapping[str, str]) -> None:
        """Keep tokens beside those of other names."""
        self._folder()
        text = json.dumps({**self.read(), **tokens, "given": self._given})
        write_private(self._file, text, replace=True)

    def read(self) -> dict[str, str]:
        """Return what is kept, by name."""
        if not self._file.exists():
            return {}
        kept: dict[str, str] = json.loads(self._file.read_text("utf-8"))
        given = kept.pop("given", "")
        return kept if given == self._given or not given or not self._given else {}

    @contextmanager
    def turn(self) -> Iterator[dict[str, str]]:
        """Wait until no other process renews these tokens, then yield what it has left.

        The lock is the process's own: it is free again however the process ends.
        """
        self._folder()
        with self._file.with_suffix(".lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.read()

    def _folder(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def write_private(file: Path, text: str, *, replace: bool) -> None:
    """Write mode 0600, whole or not at all; without `replace` the first writer wins."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    if replace:
        draft.replace(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
