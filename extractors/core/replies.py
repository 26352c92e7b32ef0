"""What a reply means: its time, the next link, how long to wait, and whether it is an error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from requests.utils import parse_header_links

from extractors.core.errors import ExtractError, FatalError, RetriableError

BUSY = frozenset({408, 423, 425, 429, *range(500, 600)})
EPOCH_SECONDS, EPOCH_MILLISECONDS = 1e9, 1e11  # below the first: seconds from now


@dataclass(frozen=True, slots=True)
class Reply:
    """One parsed answer.

    Shape: `body` is a dict or list ({} for an empty body, None for an error that is no JSON), or
    the text that was asked for; `fetched_at` is the server's clock (UTC), ours where it sends
    none; `request` is method and path, without the query.
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    fetched_at: datetime
    where: str = ""
    request: str = ""

    def next_link(self) -> str | None:
        """Return the address that the Link header calls rel="next" (RFC 8288)."""
        links = parse_header_links(self.headers.get("Link") or "")
        return next((link["url"] for link in links if _is_next(link)), None)


def _is_next(link: Mapping[str, str]) -> bool:
    return "next" in link.get("rel", "").lower().split()


@dataclass(frozen=True, slots=True)
class RateSignal:
    """Names of the headers in which a platform tells its remaining quota.

    Units: `reset` holds seconds from now, epoch seconds, epoch milliseconds or an ISO time, told
    apart by size; with `milliseconds` it holds milliseconds from now. `floor` is the remaining
    number at which we wait.
    """

    remaining: str = "X-RateLimit-Remaining"
    reset: str = "X-RateLimit-Reset"
    milliseconds: bool = False
    floor: int = 0

    def exhausted(self, headers: Mapping[str, str], at: datetime) -> float:
        """Return the seconds to wait before the next request; 0 while there is quota."""
        left = _number(headers.get(self.remaining))
        if left is None or left > self.floor:
            return 0.0
        return self._until_reset(headers, at) or 0.0

    def spent(self, reply: Reply) -> float:
        """Return the seconds to wait that a good reply tells in its body; headers tell none."""
        return 0.0

    def asked(self, reply: Reply) -> float | None:
        """Return the wait that a busy reply names: Retry-After, else the reset; else None."""
        text = reply.headers.get("Retry-After")
        if text is None:
            return (
                self._until_reset(reply.headers, reply.fetched_at) if reply.status == 429 else None
            )
        seconds = _number(text)
        return max(seconds, 0.0) if seconds is not None else _until(text, reply.fetched_at)

    def _until_reset(self, headers: Mapping[str, str], at: datetime) -> float | None:
        text = headers.get(self.reset)
        number = _number(text)
        if text is None or number is None:
            return _until(text, at) if text else None
        if self.milliseconds:
            return max(number / 1000, 0.0)
        if number < EPOCH_SECONDS:
            return max(number, 0.0)
        epoch = number / 1000 if number >= EPOCH_MILLISECONDS else number
        return max(epoch - at.timestamp(), 0.0) + 1.0  # clocks show whole seconds


def fetched_at(headers: Mapping[str, str]) -> datetime:
    """Return the server's Date in UTC, or our clock where it is missing or unreadable."""
    return _moment(headers.get("Date")) or datetime.now(UTC)


def judge(reply: Reply) -> ExtractError | None:
    """Return the error that a status means, None for a good reply."""
    status, where = reply.status, reply.where
    connection = where.partition(".")[0]
    if status < 400:
        return None
    if status == 401:
        do = f'Renew the key in connection "{connection}"; nothing was loaded'
        return FatalError(where, "token refused (401)", do)
    if status in BUSY or "Retry-After" in reply.headers:
        return RetriableError(where, f"{reply.request} answered {status}", "Run again later")
    if status == 403:
        do = f'Give connection "{connection}" the right to read this; nothing was loaded'
        return FatalError(where, f"{reply.request} is not permitted (403)", do)
    do = "Compare base_url, the settings of this source and the platform's API version"
    return FatalError(where, f"{reply.request} answered {status}", do)


def _number(text: str | None) -> float | None:
    """Read a number that a clock can wait for: nan and inf are none."""
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(text: str, at: datetime) -> float | None:
    moment = _moment(text)
    return max((moment - at).total_seconds(), 0.0) + 1.0 if moment else None


def _moment(text: str | None) -> datetime | None:
    """Read an HTTP date or an ISO time; no zone means UTC."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text or "")
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            continue
    return None
