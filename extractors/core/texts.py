"""Texts that the company wrote itself: what is kept of them names no person."""

from __future__ import annotations

import re

NAME = r"@\w(?:[\w.-]*\w)?"
PERSON = re.compile(rf"(?<![\w/]){NAME}(?:{NAME})*")


def without_persons(text: str) -> str:
    """Return the text with @person for every @name and @name@host; addresses of pages stay."""
    return PERSON.sub("@person", text)
