from __future__ import annotations

import pytest

from extractors.core.errors import FatalError
from extractors.core.privacy import key_id, pseudonymiser

KEY = b"k" * 32
# printf %s ada@example.org | openssl dgst -sha256 -hmac (32 times k), the first 32 digits
ADA = "ff3896f62eb9569de92168a2359d3285"


def test_one_person_has_one_code() -> None:
    code = pseudonymiser(KEY)
    assert [code(text) for text in ("ada@example.org", " Ada@Example.ORG\t")] == [ADA, ADA]
    assert code("bob@example.org") != ADA
    assert pseudonymiser(b"K" * 32)("ada@example.org") != ADA


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_nobody_has_no_code(value: str | None) -> None:
    assert pseudonymiser(KEY)(value) is None


def test_numbers_have_codes_too() -> None:
    assert pseudonymiser(KEY)(4711) == pseudonymiser(KEY)("4711")


def test_the_key_id_tells_keys_apart() -> None:
    assert len(key_id(KEY)) == 8
    assert key_id(KEY) != key_id(b"K" * 32)


@pytest.mark.parametrize("use", [pseudonymiser, key_id])
def test_a_short_key_is_refused(use: object) -> None:
    with pytest.raises(FatalError, match="the pseudonym key has 31 bytes, 32 are needed"):
        use(b"k" * 31)  # type: ignore[operator]
