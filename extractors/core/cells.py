"""Cells: SQL expressions that turn a text cell into what its column takes, or say why not.

Every expression gives text. A cell that cannot be read becomes a sentence that no cast accepts, so
that the loader rejects the row (required column) or leaves the cell empty and counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from extractors.core.types import ColumnType

QUOTE = "'"
BLANKS = "chr(9) || chr(10) || chr(13) || chr(32) || chr(160) || chr(8239) || chr(65279)"
DIGITS = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"
GAPS = " '’\u00a0\u202f"  # what people put between thousands, beside point or comma
GROUPED = r"[+-]?(\d{1,3}([%s]\d{3})+|\d+)?(%s\d+)?([eE][+-]?\d{1,3})?"
ISO = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"
EARLIEST = "timestamptz '1000-01-01 00:00:00+00'"
OFFSET = r"(:\d{2}(?:\.\d+)?)\s*([+-]\d{2}):?(\d{2})$"
NOTHINGS = ("na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", "?", "tbd", "unknown")
TRUE, FALSE = ("true", "yes", "t", "y", "1"), ("false", "no", "f", "n", "0")


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """Return a column name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def trimmed(expression: str) -> str:
    """Return the text without white space around it, null when nothing is left."""
    return f"nullif(trim({expression}, {BLANKS}), '')"


def replaced(expression: str, values: Mapping[str, str | None]) -> str:
    """Return the cell with whole values replaced."""
    if not values:
        return expression
    cases = " ".join(
        f"when {quote(theirs)} then {'null' if ours is None else quote(ours)}"
        for theirs, ours in values.items()
    )
    return f"case {expression} {cases} else {expression} end"


def typed(
    cell: str, kind: ColumnType, *, formats: Sequence[str], decimal: str | None, iso: bool
) -> str:
    """Return the expression that reads `cell` as `kind`.

    Shape: times become UTC in ISO form; one without a zone is in the session's time zone. `iso`
    takes ISO dates beside the formats (files that know dates as dates).
    """
    if kind == "VARCHAR":
        return cell
    if kind in ("DATE", "TIMESTAMPTZ"):
        value, complaint = _time(cell, kind, formats, iso=iso)
    elif kind == "BOOLEAN":
        value, complaint = _flag(cell), "is no flag (true, false, yes, no, 1, 0)"
    else:
        value, complaint = NUMBERS[kind](_digits(cell, decimal)), NOT_A_NUMBER[kind]
    return f"case when {cell} is not null then coalesce({value}, {_unread(cell, complaint)}) end"


def _time(cell: str, kind: str, formats: Sequence[str], *, iso: bool) -> tuple[str, str]:
    reads = [f"cast(try_strptime({cell}, {quote(form)}) as timestamptz)" for form in formats]
    if iso or not formats:
        sane = f"regexp_replace({cell}, {quote(OFFSET)}, '\\1\\2:\\3')"
        read = f"try_cast({sane} as timestamptz)"
        reads.append(f"case when regexp_matches({cell}, {quote(ISO)}) then {read} end")
    found = f"coalesce({', '.join(reads)})"
    when = f"case when {found} >= {EARLIEST} then {found} end"  # 26 is not the year 2026
    noun = "date" if kind == "DATE" else "time"
    complaint = (
        "does not match " + " or ".join(map(quote, formats))
        if formats
        else f"is no {noun} (2026-01-31)"
    )
    if kind == "DATE":
        return f"cast(cast({when} as date) as varchar)", complaint
    return f"strftime(timezone('UTC', {when}), '%Y-%m-%dT%H:%M:%S.%fZ')", complaint


def _flag(cell: str) -> str:
    true, false = (", ".join(map(quote, words)) for words in (TRUE, FALSE))
    return (
        f"case when lower({cell}) in ({true}) then 'true' when lower({cell}) in ({false})"
        " then 'false' end"
    )


def _digits(cell: str, decimal: str | None) -> str:
    """Return the number in plain notation, null when it is none in the declared notation."""
    if decimal is None:
        return f"case when regexp_full_match({cell}, {quote(DIGITS)}) then {cell} end"
    point, group = (r"\.", ",") if decimal == "." else (",", ".")
    pattern = GROUPED % (group + GAPS, point)
    bare = f"translate({cell}, {quote(group + GAPS)}, '')"
    plain = f"replace({bare}, ',', '.')" if decimal == "," else bare
    return f"case when regexp_full_match({cell}, {quote(pattern)}) then {plain} end"


def _whole(digits: str) -> str:
    """12.0 is a whole number, 12.7 is none; a cast alone would round it."""
    whole = f"try_cast({digits} as bigint)"
    same = f"cast({whole} as double) = try_cast({digits} as double)"
    return f"case when {same} then cast({whole} as varchar) end"


def _unread(cell: str, complaint: str) -> str:
    """Return the sentence about a cell; it shows no text that might be a person's."""
    word = f"lower({cell}) in ({', '.join(map(quote, NOTHINGS))})"
    short = rf"regexp_matches({cell}, '\d') and length({cell}) <= 32 and not contains({cell}, '@')"
    shown = f"when {word} or ({short}) then {quote(QUOTE)} || {cell} || {quote(QUOTE)}"
    hidden = f"'a text of ' || length({cell}) || ' characters'"
    return f"case {shown} else {hidden} end || {quote(' ' + complaint)}"


NUMBERS: Mapping[str, Callable[[str], str]] = {
    "BIGINT": _whole,
    "DOUBLE": lambda digits: f"cast(try_cast({digits} as double) as varchar)",
    "DECIMAL(18,4)": lambda digits: f"cast(try_cast({digits} as decimal(18,4)) as varchar)",
}
NOT_A_NUMBER: Mapping[str, str] = {
    "BIGINT": "is no whole number",
    "DOUBLE": "is no number",
    "DECIMAL(18,4)": "is no amount",
}
