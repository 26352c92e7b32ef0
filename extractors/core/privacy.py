"""Keyed pseudonyms: the same person gets the same code, nobody can compute it without the key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from extractors.core.errors import FatalError

MIN_KEY_BYTES = 32
DIGITS = 32


def pseudonymiser(key: bytes) -> Callable[[Any], str | None]:
    """Return a function from a personal value to 32 hex digits of HMAC-SHA-256.

    Shape: the value is trimmed and lower-cased first, so that spellings of one address agree in
    every source; None and blank text give None, which is never joined.
    Raises: FatalError when the key is shorter than 32 bytes.
    """
    _check(key)

    def code(value: Any) -> str | None:
        if value is None:
            return None
        text = str(value).strip().lower()
        return hmac.digest(key, text.encode(), "sha256").hex()[:DIGITS] if text else None

    return code


def key_id(key: bytes) -> str:
    """Return eight hex digits that tell keys apart and say nothing else about them."""
    _check(key)
    return hmac.digest(key, b"beyond-likes key id", hashlib.sha256).hex()[:8]


def _check(key: bytes) -> None:
    if len(key) < MIN_KEY_BYTES:
        what = f"the pseudonym key has {len(key)} bytes, {MIN_KEY_BYTES} are needed"
        raise FatalError("privacy", what, "Set BEYOND_LIKES_HMAC_KEY to 32 characters or more")
