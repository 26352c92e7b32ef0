"""Rest.li queries in both dialects: 2.0 with List(...) and records, 1.0 with dots and indices."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote, unquote_plus


class BadParameterError(Exception):
    """A parameter that LinkedIn refuses; the text is its name."""


def millis(day: date) -> int:
    """Return the epoch milliseconds of a UTC midnight."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


class Restli:
    """One query. In protocol 2.0 structure must be raw and values percent-encoded."""

    def __init__(self, query: str, protocol: str) -> None:
        self._two = protocol.startswith("2")
        pairs = (part.partition("=") for part in query.split("&") if part)
        self._raw = {unquote_plus(name): value for name, _, value in pairs}

    def has(self, name: str) -> bool:
        """Tell whether the parameter is there, as a list too."""
        return name in self._raw or f"{name}[0]" in self._raw

    def get(self, name: str) -> str | None:
        """Return a plain value."""
        raw = self._raw.get(name)
        return None if raw is None else unquote_plus(raw)

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        text = self.get(name)
        if text is None:
            return default
        if not text.lstrip("-").isdigit():
            raise BadParameterError(name)
        return int(text)

    def items(self, name: str) -> list[str]:
        """Return the values of a list."""
        if not self._two:
            found = [(n, v) for n, v in self._raw.items() if re.fullmatch(rf"{name}\[\d+\]", n)]
            return [
                unquote_plus(v)
                for n, v in sorted(found, key=lambda x: int(x[0][len(name) + 1 : -1]))
            ]
        raw = self._raw.get(name)
        if raw is None:
            return []
        inside = re.fullmatch(r"List\((.*)\)", raw)
        if inside is None or ":" in inside[1]:
            raise BadParameterError(name)
        return [unquote(part) for part in inside[1].split(",") if part]

    def record(self, name: str) -> Any:
        """Return a value with its structure as dicts, lists and texts; None where it is absent."""
        if not self._two:
            return self._dotted(name)
        raw = self._raw.get(name)
        if raw is None:
            return None
        value, rest = _parsed(raw, name)
        if rest:
            raise BadParameterError(name)
        return value

    def _dotted(self, name: str) -> Any:
        """Return a value of protocol 1.0: `range.start.day=1`, `states[0]=ACTIVE`."""
        found: dict[str, Any] = {}
        for key, value in self._raw.items():
            if key == name:
                return unquote_plus(value)
            if key.startswith((f"{name}.", f"{name}[")):
                *above, last = [part for part in re.split(r"[.\[\]]", key[len(name) :]) if part]
                place = found
                for part in above:
                    place = place.setdefault(part, {})
                place[last] = unquote_plus(value)
        return _with_lists(found) or None

    def interval(self) -> tuple[int, int] | None:
        """Return start and end of `timeIntervals` in milliseconds; only days are served."""
        if self._two:
            raw = self._raw.get("timeIntervals")
            if raw is None:
                if any(name.startswith("timeIntervals.") for name in self._raw):
                    raise BadParameterError("timeIntervals")
                return None
            start, end = re.search(r"start:(\d+)", raw), re.search(r"end:(\d+)", raw)
            whole = re.fullmatch(r"\((?:[^()]|\([^()]*\))*\)", raw)
            if not (whole and start and end and "timeGranularityType:DAY" in raw):
                raise BadParameterError("timeIntervals")
            return int(start[1]), int(end[1])
        names = ("timeIntervals.timeRange.start", "timeIntervals.timeRange.end")
        if not any(name.startswith("timeIntervals") for name in self._raw):
            return None
        given = [self.get(name) or "" for name in names]
        day = self.get("timeIntervals.timeGranularityType") == "DAY"
        if not day or not all(text.isdigit() for text in given):
            raise BadParameterError("timeIntervals")
        return int(given[0]), int(given[1])


def _parsed(text: str, name: str) -> tuple[Any, str]:
    """Return the value that a text begins with, and what follows it; fields come in any order."""
    many = text.startswith("List(")
    if not many and not text.startswith("("):
        plain = re.match(r"[^(),:]*", text)
        assert plain is not None
        return unquote(plain[0]), text[plain.end() :]
    found: dict[str, Any] = {}
    text = text[5 if many else 1 :]
    while not text.startswith(")"):
        key = str(len(found))
        if not many:
            key, colon, text = text.partition(":")
            if not colon or not re.fullmatch(r"[\w.%-]+", key):
                raise BadParameterError(name)
        found[unquote(key)], text = _parsed(text, name)
        if text.startswith(",") and not text.startswith(",)"):
            text = text[1:]
        elif not text.startswith(")"):
            raise BadParameterError(name)
    return list(found.values()) if many else found, text[1:]


def _with_lists(value: Any) -> Any:
    """Turn what was written with indices into lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(one) for key, one in value.items()}
    return list(inner.values()) if inner and all(key.isdigit() for key in inner) else inner
