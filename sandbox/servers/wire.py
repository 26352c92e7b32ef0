"""Requests and replies as plain data, so that faults can change them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from sandbox.company import Company, served_at


@dataclass(slots=True)
class Request:
    """One call: path without the platform's prefix, raw and parsed query, lower-case headers."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = ""

    @property
    def params(self) -> dict[str, str]:
        """Return the decoded query; of a repeated name the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """Return a form body, with the query as fallback."""
        return self.params | dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """Return the JSON body; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def bearer(self) -> str | None:
        """Return the bearer token."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else None


@dataclass(slots=True)
class Reply:
    """One answer; bytes are sent as they are, a function is called for them at last.

    Shape: `records` is the list of rows inside `body`; `set_next` changes its link.
    """

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    records: list[dict[str, Any]] | None = None
    next_url: str | None = None
    set_next: Callable[[str], None] | None = None
    key_fields: tuple[str, ...] = ("id",)


@dataclass(slots=True)
class Clock:
    """The business day that every server shows the end of."""

    day: date

    @property
    def now(self) -> datetime:
        """Return the servers' time: three in the morning after the day."""
        return served_at(self.day)


@dataclass(slots=True)
class World:
    """What every platform is given: the company, the clock and the credentials it accepts."""

    company: Company
    clock: Clock
    secrets: Mapping[str, str]


class Platform(Protocol):
    """A fake platform."""

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        ...

    def expire(self) -> None:
        """Make every token that was given out worthless."""
        ...

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses: 401, 403 or 429."""
        ...


def iso(moment: datetime | None, millis: bool = True) -> str | None:
    """Return a UTC time as the platforms write it; None stays null."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}Z" if millis else f"{text}Z"


def as_moment(text: str) -> datetime:
    """Return an ISO time, or epoch milliseconds, as UTC; ValueError when it is neither."""
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def path_parts(path: str) -> list[str]:
    """Return the decoded parts of a path."""
    return [unquote(part) for part in path.strip("/").split("/")]
