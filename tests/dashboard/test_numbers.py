"""Figures and dates as each reader writes them."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard import numbers
from dashboard.numbers import Formats
from dashboard.texts import Text, html, joined, listed, quoted, say

EURO = Formats("EUR")
N = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "unit", "english", "german"),
    [
        (1240, "count", "1,240", "1.240"),
        (6.8, "count", "6.8", "6,8"),
        (0.076, "rate", "7.6%", f"7,6{N}%"),
        (0.0013, "rate", "0.13%", f"0,13{N}%"),
        (0.0, "rate", "0.0%", f"0,0{N}%"),
        (212400.4, "currency", "€212,400", f"212.400{N}€"),
        (45.0, "currency", "€45.00", f"45,00{N}€"),
        (3.44, "hours", f"3.4{N}h", f"3,4{N}h"),
        (29.3, "days", f"29.3{N}days", f"29,3{N}Tage"),
        (0.0067, "ratio", "0.0067", "0,0067"),
        (2.3156, "ratio", "2.32", "2,32"),
        (-0.04, "score", "−0.04", "−0,04"),
        (-0.001, "score", "0.00", "0,00"),
        (None, "count", "–", "–"),
        (float("nan"), "rate", "–", "–"),
    ],
)
def test_an_amount(value: float | None, unit: str, english: str, german: str) -> None:
    assert EURO.amount(value, unit) == Text(english, german)


@pytest.mark.parametrize(
    ("low", "high", "unit", "english", "german"),
    [
        (20.6, 44.2, "count", "21–44", "21–44"),
        (0.6, 8.8, "count", "0.6–8.8", "0,6–8,8"),
        (0.041, 0.139, "rate", "4.1–13.9%", f"4,1–13,9{N}%"),
        (39.36, 51.69, "currency", "€39.36–51.69", f"39,36–51,69{N}€"),
        (-2.68, 61.29, "days", f"−2.7 to 61.3{N}days", f"−2,7 bis 61,3{N}Tage"),
        (271.0, None, "currency", "at least €271.00", f"mindestens 271,00{N}€"),
        (None, 3.0, "count", "at most 3", "höchstens 3"),
        (None, None, "rate", "", ""),
    ],
)
def test_an_interval(
    low: float | None, high: float | None, unit: str, english: str, german: str
) -> None:
    assert EURO.interval(low, high, unit) == Text(english, german)


@pytest.mark.parametrize(
    ("value", "unit", "english", "german"),
    [(0.06, "rate", "6%", f"6{N}%"), (0.125, "rate", "12.5%", f"12,5{N}%"),
     (1.5, "hours", f"1.5{N}h", f"1,5{N}h"), (40000, "currency", "€40,000", f"40.000{N}€"),
     (None, "rate", "–", "–")],
)  # fmt: skip
def test_a_target_stays_as_entered(
    value: float | None, unit: str, english: str, german: str
) -> None:
    assert EURO.target(value, unit) == Text(english, german)


def test_a_currency_without_a_sign_of_its_own_is_named() -> None:
    assert Formats("CHF").amount(45, "currency") == Text(f"CHF{N}45.00", f"45,00{N}CHF")
    assert Formats("USD").amount(1234.4, "currency") == Text("$1,234", f"1.234{N}$")


def test_dates() -> None:
    assert numbers.day(date(2026, 11, 23)) == Text(f"23{N}Nov{N}2026", "23.11.2026")
    assert numbers.month(date(2026, 3, 1)) == Text("March 2026", "März 2026")
    assert numbers.short_month(date(2026, 1, 1)) == Text("Jan 2026", "Jan 2026")
    assert numbers.day(None) == Text("–", "–")


def test_counts_as_words() -> None:
    assert numbers.spelled(2, capital=True) == Text("Two", "Zwei")
    assert numbers.spelled(0, capital=True) == Text("No", "Keine")
    assert numbers.spelled(13) == Text("13", "13")


def test_texts_are_filled_in_their_language_and_escaped() -> None:
    said = say("{a} of {n}", "{a} von {n}", a=quoted("<b>"), n=3)
    assert said == Text("“<b>” of 3", "„<b>“ von 3")
    assert html(said) == (
        '<span lang="en">“&lt;b&gt;” of 3</span><span lang="de">„&lt;b&gt;“ von 3</span>'
    )
    assert html("a & b") == "a &amp; b"
    assert html(None) == ""
    assert say("{x}", "{x}", x="{y}") == Text("{y}", "{y}")  # a brace in a name is a brace


def test_lists() -> None:
    assert listed(["a"]) == Text("a", "a")
    assert listed(["a", "b", "c"]) == Text("a, b and c", "a, b und c")
    assert listed(["a", "b", "c", "d"], 3) == Text("a, b and 2 more", "a, b und 2 weitere")
    assert joined(["a", "", "b"]) == Text("a b", "a b")
