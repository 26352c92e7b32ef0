"""Texts that the company wrote itself: what is kept of them names no person."""

from __future__ import annotations

import re

NAME = r"@\w(?:[\w.-]*\w)?"
PERSON = re.compile(rf"(?<![\w/]){NAME}(?:{NAME})*")


def without_persons(text: str) -> str:
    """Return the text with @person for every @name and @name@host; addresses of pages stay."""
    return PERSON.sub("@person", text)


# LinkedIn's own format: mentions, hashtags and escaped characters.
MENTION = re.compile(r"@\[[^\]]*\]\(urn:li:(?:person|member):[^)]*\)")
HASHTAG = re.compile(r"\{hashtag\|\\?#\|([^}]*)\}")
ESCAPED = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")


def plain_commentary(text: str) -> str:
    """Return a text of LinkedIn's as people read it, with @person for every mention of one."""
    return ESCAPED.sub(r"\1", HASHTAG.sub(r"#\1", MENTION.sub("@person", text)))
