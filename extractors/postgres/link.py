"""A connection to the PostgreSQL that a URL names; no error of it shows the URL or its password."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from extractors.core.errors import ExtractError, FatalError, RetriableError, UsageError

URL = "BEYOND_LIKES_POSTGRES_URL"
FORM = "postgresql://user:password@host:5432/database?sslmode=verify-full"
PARAMETERS = ("sslmode", "sslrootcert")
SSL_MODES = ("disable", "prefer", "require", "verify-full")
SILENCE_SECONDS = 600  # the longest wait for an answer; a delete of millions of rows takes a while
LOCKED = "55P03"
# The first two characters of an SQLSTATE: what may be over when it is tried again.
PASSING = ("08", "40", "53", "55", "57")
ADVICE = {
    "28": f"Correct user and password in {URL}",
    "3D": f"Correct the database in {URL}",
    "42501": "Grant that to the user, or name with --schema one that it owns",
    "2BP01": "Drop what depends on it (a view of yours), publish, and make it again",
    "53": "Free space or connections there, then publish again",
}


class StatementError(Exception):
    """PostgreSQL refused a statement. `code` is its SQLSTATE."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Link:
    """One connection; what is not in a transaction is committed at once."""

    connection: Any = field(repr=False)
    driver: Any = field(repr=False)

    def run(self, sql: str, *, stream: Iterable[bytes] | None = None, **values: Any) -> list[Any]:
        """Return the rows of one statement. Raises: StatementError."""
        try:
            return self.connection.run(sql, stream=stream, **values) or []
        except self.driver.DatabaseError as error:
            told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            texts = (told.get("M", str(error)), told.get("D", ""))
            message = " ".join(" ".join(texts).split())[:500]
            raise StatementError(str(told.get("C", "")), message) from error

    @property
    def changed(self) -> int:
        """Rows that the last statement wrote."""
        return int(self.connection.row_count)


@contextmanager
def connected(url: str) -> Iterator[Link]:
    """Yield a connection to `url`; when the block fails, what it had not committed is undone.

    Raises: UsageError on a URL of another form, FatalError or RetriableError where PostgreSQL
    refuses or goes away.
    """
    driver, parts = _driver(), _parts(url)
    options = dict(parse_qsl(parts.query))
    database = unquote(parts.path.lstrip("/"))
    where = f"postgres {parts.hostname}:{parts.port or 5432}/{database}"
    try:
        connection = driver.Connection(
            unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname,
            port=parts.port or 5432,
            database=database,
            ssl_context=_encryption(options),
            timeout=SILENCE_SECONDS,
            application_name="beyond-likes",
        )
    except (driver.Error, OSError) as error:
        raise _told(where, error) from error
    try:
        yield Link(connection, driver)
    except (driver.Error, StatementError, OSError) as error:
        raise _told(where, error) from error
    finally:
        _close(connection, driver)


def _driver() -> Any:
    try:
        import pg8000.native
    except ImportError as error:
        what = "the package pg8000 is not installed"
        do = "Run `make setup`, or `pip install pg8000` where the command is installed"
        raise FatalError("postgres", what, do) from error
    return pg8000.native


def _parts(url: str) -> SplitResult:
    """Return the parts of a URL that has all we need. Raises: UsageError that does not show it."""
    try:
        parts = urlsplit(url)
        whole = all((parts.hostname, parts.username, parts.path.strip("/"), parts.port or 5432))
    except ValueError:  # its text may hold a piece of the password
        parts, whole = urlsplit(""), False
    if parts.scheme not in ("postgresql", "postgres") or not whole:
        raise UsageError(URL, "not of the form that is read here", f"Write it as {FORM}")
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(set(options) - set(PARAMETERS)):
        do = f"Leave it out; known are {', '.join(PARAMETERS)}"
        raise UsageError(URL, f"unknown parameter {unknown[0]!r}", do)
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise UsageError(URL, "unknown sslmode", f"Choose from: {', '.join(SSL_MODES)}")
    return parts


def _encryption(options: dict[str, str]) -> ssl.SSLContext | bool | None:
    """Return the driver's word for sslmode: as in libpq, only verify-full knows whom it talks to.

    Raises: UsageError when the file of sslrootcert cannot be read.
    """
    mode = options.get("sslmode", "prefer")
    if mode != "verify-full":
        return {"disable": False, "prefer": None, "require": True}[mode]
    try:
        return ssl.create_default_context(cafile=options.get("sslrootcert"))
    except OSError as error:
        what = f"sslrootcert cannot be read ({error.strerror or 'no certificates in it'})"
        raise UsageError(URL, what, "Name a PEM file that this user may read") from error


def _told(where: str, error: Exception) -> ExtractError:
    if isinstance(error, OSError):
        what = f"not reached ({error.strerror or type(error).__name__})"
        return RetriableError(where, what, "Try again once it answers; readers keep the last night")
    if not isinstance(error, StatementError):
        told = error.args[0] if error.args else None
        if not isinstance(told, dict):
            reason = error.__cause__ or error
            what = f"not reached ({' '.join(str(reason).split())[:200]})"
            return RetriableError(where, what, "See that it runs and that the URL names it")
        error = StatementError(str(told.get("C", "")), str(told.get("M", "")))
    code = error.code
    do = ADVICE.get(code) or ADVICE.get(code[:2]) or "Mend that there, then publish again"
    kind = RetriableError if code[:2] in PASSING else FatalError
    return kind(where, f"{error} ({code}); readers keep the last night", do)


def _close(connection: Any, driver: Any) -> None:
    try:
        connection.close()
    except (driver.Error, OSError):  # it is gone already
        return
