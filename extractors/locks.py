"""Who may work in a home at the same time; a lock is free again however its process ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractors.core.errors import RetriableError
from extractors.project import Project


@contextmanager
def writer(own: Project) -> Iterator[None]:
    """Hold the one writer's place of this home; a second run is told, not queued."""
    what = "another run is loading, building or publishing here"
    with _held(own.config.home / "writer.lock", fcntl.LOCK_EX, what):
        yield


@contextmanager
def landing(own: Project) -> Iterator[None]:
    """Extract: many may, unless landing is being rewritten for another key or an erased person."""
    what = "persons are being erased or the key is rotated here"
    with _held(own.config.home / "landing.lock", fcntl.LOCK_SH, what):
        yield


@contextmanager
def no_landing(own: Project) -> Iterator[None]:
    """Hold landing alone: nobody extracts, so that an attempt without a manifest is a dead one."""
    what = "an extraction is running here"
    with _held(own.config.home / "landing.lock", fcntl.LOCK_EX, what):
        yield


@contextmanager
def _held(file: Path, kind: int, what: str) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except OSError as error:
            raise RetriableError(str(file), what, "Wait until it ends, then run again") from error
        yield
