"""SOQL, as far as extractors need it: fields of one object, conditions by AND, order, limit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.servers.salesforce_rows import Row
from sandbox.servers.wire import Reply, as_moment

QUERY = re.compile(
    r"\s*SELECT\s+(?P<fields>[\w.,\s]+?)\s+FROM\s+(?P<object>\w+)"
    r"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>\w+)(?P<down>\s+DESC|\s+ASC)?)?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|!=|=|>|<)\s*('[^']*'|[^\s']+)\s*")
LITERALS = {"true": True, "false": False, "null": None}


class RefusedError(Exception):
    """A call that Salesforce refuses: error code, message, status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.reply = Reply([{"message": message, "errorCode": code}], status)


def select(query: str, rows_of: Callable[[str], list[Row]]) -> tuple[str, list[str], list[Row]]:
    """Return object, fields and rows of a query; RefusedError as the platform words it."""
    parsed = QUERY.fullmatch(query)
    if not parsed:
        raise RefusedError("MALFORMED_QUERY", "unexpected token")
    object_ = parsed["object"]
    rows = rows_of(object_)
    names = [name.strip() for name in parsed["fields"].split(",")]
    if not rows:
        return object_, names, []
    known = {name.lower(): name for name in rows[0]}
    asked = [_field(known, name, object_) for name in names]
    for part in re.split(r"\s+AND\s+", parsed["where"] or "", flags=re.IGNORECASE):
        if part:
            rows = _passing(rows, part, known, object_)
    if parsed["order"]:
        order = _field(known, parsed["order"], object_)
        down = (parsed["down"] or "").strip().upper() == "DESC"
        rows = sorted(rows, key=lambda row: (row[order] or "", row["Id"]), reverse=down)
    return object_, asked, rows[: int(parsed["limit"] or len(rows))]


def _passing(rows: list[Row], part: str, known: dict[str, str], object_: str) -> list[Row]:
    """Return the rows that meet one condition."""
    condition = CONDITION.fullmatch(part)
    if not condition:
        raise RefusedError("MALFORMED_QUERY", f"unexpected token near '{part[:20]}'")
    field, sign = _field(known, condition[1], object_), condition[2]
    want: Any = condition[3]
    if want.startswith("'"):
        want = want[1:-1]
    elif want.lower() in LITERALS:
        want = LITERALS[want.lower()]
    else:
        try:
            want = datetime.fromisoformat(want)
        except ValueError:
            raise RefusedError("MALFORMED_QUERY", f"no literal: {want[:30]}") from None
        if "T" not in condition[3]:
            want = condition[3]
        elif want.tzinfo is None:
            raise RefusedError("INVALID_FIELD", "a dateTime needs its offset")
    return [row for row in rows if _meets(row[field], sign, want)]


def _meets(have: Any, sign: str, want: Any) -> bool:
    if sign in ("=", "!="):
        return (have == want) is (sign == "=")
    if have is None or want is None:
        return False
    if isinstance(want, datetime):
        have, want = as_moment(str(have)), want.astimezone(UTC)
    checks = {">=": have >= want, "<=": have <= want, ">": have > want, "<": have < want}
    return bool(checks[sign])


def _field(known: dict[str, str], name: str, object_: str) -> str:
    if name.lower() not in known or name.startswith("_"):
        words = f"No such column '{name}' on entity '{object_}'."
        raise RefusedError("INVALID_FIELD", words)
    return known[name.lower()]
