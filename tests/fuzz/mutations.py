"""What goes wrong with files and replies: seeded changes of bytes, of cells and of JSON."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

LONG = 200_000  # characters of a very long cell
DEEP = 3_000  # levels of nesting
ODD_TEXTS = (
    "", " ", "\t", "\u00a0", "null", "NaN", "N/A", "-", "inf", "-Infinity", "1e400", "1e-400",
    "9" * 30, "-" + "9" * 400, "0x10", "1,5", "1.234,56", "12'000", "1_000", "٣", "½", "true", "ja",
    "=1+1", "@SUM(A1)", "'; drop table x; --", '"', "''", "\\", "\\N", "{", "[1]", "${x}", "%s",
    "../../etc/passwd", "<script>alert(1)</script>", "\u202e", "\ufeff", "\ufffd", "e\u0301", "🧨",
    "\x01", "\x1b[31m", "\x7f", "\x85", "\u2028", "a\nb", "a\r\nb", "a\rb", "\0",
    "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31T23:59:59+14:00", "99999-01-01",
    "26-01-05", "2026-01-05T25:00", "2026-03-29T02:30:00", "1767571200", "-62135596801",
    "12/31/2026", "infinity",
)  # fmt: skip
BLOCKS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x80", b'"', b"\r", b"\n", b",", b";",
    b"\x1a", b"<!DOCTYPE html><html>", b"{", b"[", b"]", b"PK\x03\x04", b"\\ud800", b"\\u0000",
)  # fmt: skip


def bytes_of(body: bytes, random: Random) -> bytes:
    """Return the body with one to three changes of its bytes."""
    for _ in range(random.choice((1, 1, 2, 3))):
        body = random.choice(BYTES)(body, random)
    return body


def _place(body: bytes, random: Random) -> int:
    return random.randint(0, len(body))


def _flip(body: bytes, random: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(min(len(body), random.choice((1, 4, 32)))):
        changed[random.randrange(len(body))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _truncated(body: bytes, random: Random) -> bytes:
    return body[: _place(body, random)]


def _inserted(body: bytes, random: Random) -> bytes:
    at = _place(body, random)
    block = random.choice((*BLOCKS, random.randbytes(8)))
    return body[:at] + block * random.choice((1, 1, 50)) + body[at:]


def _removed(body: bytes, random: Random) -> bytes:
    at = _place(body, random)
    return body[:at] + body[at + random.choice((1, 7, 100)) :]


def _repeated(body: bytes, random: Random) -> bytes:
    first, last = sorted((_place(body, random), _place(body, random)))
    return body[:last] + body[first:last] + body[last:]


def _recoded(body: bytes, random: Random) -> bytes:
    wrong = random.choice(("utf-16", "utf-16-be", "utf-32", "cp1252", "cp850", "utf-7"))
    return body.decode("utf-8", "replace").encode(wrong, "replace")


def _line_ends(body: bytes, random: Random) -> bytes:
    ends = (b"\n", b"\r\n", b"\r", b"\n\n", b"\n\r")
    return b"".join(line + random.choice(ends) for line in body.splitlines())


def _garbage(_body: bytes, random: Random) -> bytes:
    return random.randbytes(random.choice((0, 1, 100, 5_000)))


BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _flip, _truncated, _inserted, _inserted, _removed, _repeated, _recoded, _line_ends,
    _garbage,
)  # fmt: skip

Table = list[list[str]]


def cells_of(table: Table, random: Random) -> Table:
    """Return a table (header first) with up to four changes of its cells, rows and columns."""
    table = [list(row) for row in table]
    for _ in range(random.randint(0, 4)):
        random.choice(CELLS)(table, random)
    return table


def text(random: Random) -> str:
    """Return a text that nobody expects in a cell."""
    if random.random() < 0.03:
        return random.choice("x9\n é") * LONG
    return random.choice(ODD_TEXTS)


def _row(table: Table, random: Random) -> list[str]:
    return random.choice(table[1:] or table)


def _odd_cell(table: Table, random: Random) -> None:
    row = _row(table, random)
    row[random.randrange(len(row))] = text(random)


def _odd_column(table: Table, random: Random) -> None:
    at = random.randrange(len(table[0]))
    odd = text(random)
    for row in table[1:]:
        if at < len(row):
            row[at] = odd


def _swapped_cells(table: Table, random: Random) -> None:
    one, other = _row(table, random), _row(table, random)
    a, b = random.randrange(len(one)), random.randrange(len(other))
    one[a], other[b] = other[b], one[a]


def _ragged(table: Table, random: Random) -> None:
    row = _row(table, random)
    if random.random() < 0.5 and len(row) > 1:
        row.pop()
    else:
        row += [random.choice(("", "x", text(random)))] * random.choice((1, 3))


def _repeated_row(table: Table, random: Random) -> None:
    table.insert(random.randint(1, len(table)), list(_row(table, random)))


def _blank_row(table: Table, random: Random) -> None:
    table.insert(random.randint(1, len(table)), [""] * random.choice((1, len(table[0]))))


def _without_column(table: Table, random: Random) -> None:
    at = random.randrange(len(table[0]))
    for row in table:
        if at < len(row) > 1:
            row.pop(at)


def _more_column(table: Table, random: Random) -> None:
    at = random.randint(0, len(table[0]))
    name = random.choice((*table[0], "", "_line", "x", "Notes; more", text(random)))
    for number, row in enumerate(table):
        row.insert(at, text(random) if number else name)


def _renamed(table: Table, random: Random) -> None:
    table[0][random.randrange(len(table[0]))] = text(random)


def _shuffled_columns(table: Table, random: Random) -> None:
    order = random.sample(range(len(table[0])), len(table[0]))
    for row in table:
        row += [""] * (len(order) - len(row))
        row[: len(order)] = [row[at] for at in order]


CELLS: tuple[Callable[[Table, Random], None], ...] = (
    _odd_cell, _odd_cell, _odd_cell, _odd_column, _swapped_cells, _ragged, _repeated_row,
    _blank_row, _without_column, _more_column, _renamed, _shuffled_columns,
)  # fmt: skip

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**63, 10**30, 1e308, float("nan"), float("inf"), [], {}, [None],
    [[]], {"": None}, [{"id": 1}], {"id": {"id": 1}}, "\ud800", "\x00",
)  # fmt: skip


def json_of(body: Any, random: Random) -> bytes:
    """Return the reply as bytes, after one to three changes of its values, keys and order."""
    holder = [copy.deepcopy(body)]
    for _ in range(random.choice((1, 1, 2, 3))):
        places = _places(holder)
        random.choice(VALUES)(*random.choice(places), random)
    return json.dumps(holder[0], ensure_ascii=random.random() < 0.5).encode(
        "utf-8", "surrogatepass"
    )


Place = tuple[Any, Any]


def _places(holder: list[Any]) -> list[Place]:
    """Return every value as its container and key; containers near the top come in more often."""
    found: list[Place] = []
    level: list[Place] = [(holder, 0)]
    while level and len(found) < 2_000:
        found += level * (3 if len(found) < 12 else 1)
        below: list[Place] = []
        for container, key in level:
            value = container[key]
            if isinstance(value, dict):
                below += [(value, name) for name in value]
            elif isinstance(value, list):
                below += [(value, number) for number in range(len(value))]
        level = below
    return found


def _odd_value(container: Any, key: Any, random: Random) -> None:
    container[key] = copy.deepcopy(random.choice((*ODD_VALUES, text(random))))


def _retyped(container: Any, key: Any, random: Random) -> None:
    value = container[key]
    container[key] = random.choice((str(value), [value], {"value": value}, {str(value)[:50]: 1}))


def _dropped(container: Any, key: Any, _random: Random) -> None:
    container[key] = None
    if isinstance(container, dict):
        del container[key]


def _renamed_key(container: Any, key: Any, random: Random) -> None:
    if isinstance(container, dict):
        container[text(random)] = container.pop(key)


def _nested(container: Any, key: Any, _random: Random) -> None:
    value: Any = None
    for _ in range(150):  # what json.dumps can still write; deeper ones are made of bytes
        value = [value]
    container[key] = value


def _repeated_value(container: Any, key: Any, random: Random) -> None:
    if isinstance(container[key], list):
        container[key] = container[key] * random.choice((0, 2, 3))
        random.shuffle(container[key])


VALUES: tuple[Callable[[Any, Any, Random], None], ...] = (
    _odd_value, _odd_value, _odd_value, _retyped, _dropped, _dropped, _renamed_key, _nested,
    _repeated_value,
)  # fmt: skip


def deep(random: Random) -> bytes:
    """Return JSON of more levels than a parser can follow."""
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    levels = random.choice((DEEP, 100 * DEEP))
    return opening * levels + b"1" + closing * levels


def doubled_keys(body: bytes, random: Random) -> bytes:
    """Return the JSON object with one of its keys given twice."""
    at = body.find(b'":', random.randrange(max(len(body), 1)))
    start = body.rfind(b'"', 0, at)
    if at < 0 or start < 0:
        return body
    return body[:start] + body[start : at + 2] + b"null," + body[start:]


ODD_HEADERS = {
    "Date": ("", "x", "0001-01-01T00:00:00+14:00", "Fri, 31 Dec 9999 23:59:59 -1400", "NaN"),
    "Link": ("<>; rel=next", '<http://[>; rel="next"', "<x", '<//evil.example/>; rel="next"'),
    "Location": ("http://[", "//evil.example/", "", "javascript:alert(1)", "http://x:99999/"),
    "Retry-After": ("nan", "inf", "-5", "1e999", "x", "9" * 30, "Fri, 31 Dec 9999 23:59:59 -1400"),
    "X-RateLimit-Remaining": ("nan", "0", "-1", "x"),
    "X-RateLimit-Reset": ("nan", "inf", "-1", "1e300", "x", "0001-01-01T00:00:00+14:00"),
    "Content-Encoding": ("gzip", "br", "zstd", "x"),
    "Content-Type": ("", "text/html; charset=x", "application/json; charset=utf-16"),
}
ODD_STATUS = (
    204,
    206,
    300,
    302,
    304,
    308,
    400,
    404,
    409,
    410,
    413,
    418,
    422,
    451,
    500,
    511,
    599,
    999,
)
