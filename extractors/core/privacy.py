"""Keyed pseudonyms: the same person gets the same code, nobody can compute it without the key.

A key that was rotated is a chain, one key a line, the oldest first: what the old one has made is
hashed again under the next, so that stored pseudonyms can follow and joins hold.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any

from extractors.core.errors import FatalError

MIN_KEY_BYTES = 32
DIGITS = 32
LINK = "+"  # between the ids of a chain

Code = Callable[[Any], str | None]


def pseudonymiser(key: bytes) -> Code:
    """Return a function from a personal value to 32 hex digits of HMAC-SHA-256.

    Shape: the value is trimmed and lower-cased first, so that spellings of one address agree in
    every source; None and blank text give None, which is never joined.
    Raises: FatalError when a key is shorter than 32 bytes.
    """
    return _coder(_chain(key))


def key_id(key: bytes) -> str:
    """Return eight hex digits that tell keys apart and say nothing else; of a chain, those of all.

    Shape: 1a2b3c4d, after a rotation 1a2b3c4d+5e6f7a8b.
    """
    about = [hmac.digest(one, b"beyond-likes key id", hashlib.sha256) for one in _chain(key)]
    return LINK.join(digest.hex()[:8] for digest in about)


def first_id(key: bytes) -> str:
    """Return the id that no rotation changes."""
    return key_id(key).partition(LINK)[0]


def holds(key: str, stored: str) -> bool:
    """Tell whether the key of the id `key` is, or goes on from, the one of the id `stored`."""
    return key == stored or key.startswith(stored + LINK)


def onward(key: bytes, stored: str | None) -> Code | None:
    """Return what brings pseudonyms that have the key id `stored` to `key`.

    None where they are there already, or were made with a key that `key` does not go on from.
    """
    steps = 1 + stored.count(LINK) if stored else 0
    ids = key_id(key).split(LINK)
    if not stored or steps >= len(ids) or stored != LINK.join(ids[:steps]):
        return None
    return _coder(_chain(key)[steps:])


def _coder(chain: Sequence[bytes]) -> Code:
    first, *others = chain

    def code(value: Any) -> str | None:
        if value is None:
            return None
        text = str(value).strip().lower()
        if not text:
            return None
        made = hmac.digest(first, text.encode(), "sha256").hex()[:DIGITS]
        for one in others:
            made = hmac.digest(one, made.encode(), "sha256").hex()[:DIGITS]
        return made

    return code


def _chain(key: bytes) -> list[bytes]:
    """Return the keys of a chain; a single one is taken as it is, with a line break at its end."""
    lines = key.rstrip(b"\r\n").splitlines()
    chain = lines if len(lines) > 1 else [key]
    for one in chain:
        if len(one) < MIN_KEY_BYTES:
            what = f"the pseudonym key has {len(one)} bytes, {MIN_KEY_BYTES} are needed"
            raise FatalError("privacy", what, "Set BEYOND_LIKES_HMAC_KEY to 32 characters or more")
    return chain
