"""Who may work in a home at the same time; a lock is free again however its process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from extractors.core import ledger
from extractors.core.errors import RetriableError
from extractors.project import Project

PATIENCE_SECONDS = 10.0  # a look at the ledger or a small load of another command is over by then
LOOK_SECONDS = 0.05


@contextmanager
def night(own: Project) -> Iterator[None]:
    """Hold this home's one place for a whole night; a second one is told, not queued."""
    with _held(own.config.home / "night.lock", fcntl.LOCK_EX, "another night is running here", 0):
        yield


@contextmanager
def writer(own: Project) -> Iterator[None]:
    """Hold the place of the one command that has the warehouse open, dbt of a build included.

    Raises: RetriableError where another one holds it for longer than PATIENCE_SECONDS.
    """
    what = "another run is loading, building or publishing here"
    file = own.config.home / "writer.lock"
    with _private(own.config.home), _held(file, fcntl.LOCK_EX, what, PATIENCE_SECONDS):
        yield


@contextmanager
def landing(own: Project) -> Iterator[None]:
    """Extract: many may, unless landing is being rewritten for another key or an erased person."""
    what = "persons are being erased or the key is rotated here"
    with _held(own.config.home / "landing.lock", fcntl.LOCK_SH, what, 0):
        yield


@contextmanager
def no_landing(own: Project) -> Iterator[None]:
    """Hold landing alone: nobody extracts, so that an attempt without a manifest is a dead one."""
    what = "an extraction is running here"
    with _held(own.config.home / "landing.lock", fcntl.LOCK_EX, what, 0):
        yield


@contextmanager
def opened(own: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse, which whoever holds `writer` may do.

    Raises: FatalError where it is damaged, of a newer DuckDB, or the disk is full.
    """
    try:
        with ledger.connect(own.warehouse) as db:
            yield db
    except duckdb.Error as error:
        raise ledger.translate(error, own.warehouse) from error


@contextmanager
def _private(home: Path) -> Iterator[None]:
    """Let what is made meanwhile be this account's alone; a release is opened by `publish`."""
    home.mkdir(parents=True, exist_ok=True)
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _held(file: Path, kind: int, what: str, seconds: float) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600)) as lock:
        while True:
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > end:
                    do = "Wait until it ends, then run again"
                    raise RetriableError(str(file), what, do) from error
                time.sleep(LOOK_SECONDS)
        yield
