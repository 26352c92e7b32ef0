"""Filters of HubSpot's search: what passes, and the order of values."""

from __future__ import annotations

from typing import Any

from sandbox.servers.wire import as_moment


class BadRequestError(Exception):
    """A body or query that HubSpot refuses with 400; the text is the message."""


def passes(row: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    """Tell whether an object passes every filter of a group."""
    return all(_one(row["properties"], one) for one in filters)


def _one(properties: dict[str, Any], wanted: dict[str, Any]) -> bool:
    name, word = wanted.get("propertyName"), wanted.get("operator")
    if name not in properties:
        raise BadRequestError(
            f"There was a problem with the request: property {name!r} does not exist"
        )
    value = properties[name]
    if word in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return bool(value) is (word == "HAS_PROPERTY")
    if word in ("IN", "NOT_IN"):
        return (value in wanted.get("values", [])) is (word == "IN")
    if not value:
        return word == "NEQ"
    have, want = comparable(value), comparable(wanted.get("value"))
    checks = {
        "EQ": have == want,
        "NEQ": have != want,
        "LT": have < want,
        "LTE": have <= want,
        "GT": have > want,
        "GTE": have >= want,
    }
    if word == "BETWEEN":
        return want <= have <= comparable(wanted.get("highValue"))
    if word not in checks:
        raise BadRequestError(f"Invalid operator {word!r}")
    return checks[word]


def comparable(value: Any) -> tuple[int, float, str]:
    """Return a key that orders numbers and times by size and other texts by letters."""
    text = "" if value is None else str(value)
    try:
        return (0, float(text), "")
    except ValueError:
        pass
    try:
        return (0, as_moment(text).timestamp() * 1000, "")
    except ValueError:
        return (1, 0.0, text)
