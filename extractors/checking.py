"""What `check` and `init` try: the first page of each stream, with the credentials at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeAlias

from extractors.core.errors import ExtractError, RetriableError, UsageError
from extractors.core.types import Scan, Source, Stream, Window
from extractors.project import Project, modules, streams

Ask: TypeAlias = "Callable[[Project, Stream, date], ExtractError | None]"


@dataclass(frozen=True, slots=True)
class Tried:
    """One stream and why its first page did not come; None when it did."""

    stream: Stream
    error: str | None

    @property
    def complaint(self) -> str | None:
        """Return the error with the right that the stream needs; None when there is none."""
        source: Source = modules()[self.stream.source].SOURCE
        right = source.permissions.get(self.stream.name)
        return f"{self.error} It needs: {right}." if self.error and right else self.error


def chosen(own: Project, source: str | None) -> list[str]:
    """Return the API sources to try: the named one, else all. Raises: UsageError on another."""
    if source and source not in own.api_sources:
        known = ", ".join(own.api_sources) or "none is configured"
        raise UsageError(source, "not an API source of sources.yml", f"Choose from: {known}")
    return [source] if source else own.api_sources


def refusal(own: Project, stream: Stream, day: date) -> ExtractError | None:
    """Return why the first page of a stream does not come, None when it does."""
    try:
        account = own.account(stream.source)
        client = modules()[stream.source].SOURCE.connect(account)
        window = Window.of(day, day, own.config.timezone)
        list(islice(stream.extract(client, Scan(window, None, account.settings)), 1))
    except ExtractError as error:
        return error
    return None


def landing_refusal(own: Project) -> str | None:
    """Return why what arrived cannot be listed where landing lies, None when it can."""
    try:
        next(own.landing.glob("*"), None)
    except ExtractError as error:
        return str(error)
    return None


def tries(own: Project, names: list[str], day: date, *, ask: Ask = refusal) -> Iterator[Tried]:
    """Read one page of every stream of the named API sources and write nothing.

    A system that does not answer is waited for once: its other streams have the same error.
    """
    for name in names:
        away: ExtractError | None = None
        for stream in [one for one in streams().values() if one.source == name]:
            error = away or ask(own, stream, day)
            away = error if isinstance(error, RetriableError) else None
            yield Tried(stream, str(error) if error else None)
