"""Figures and dates as each reader writes them: 1,234.5 and 1.234,5; what is unknown is a dash."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeGuard

from dashboard.texts import Text, say

DASH = Text("–", "–")
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
MONTHS_DE = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
    "Oktober", "November", "Dezember",
)  # fmt: skip
WORDS_EN = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
WORDS_DE = (
    "keine", "eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "elf", "zwölf",
)  # fmt: skip
AFTER = {
    "rate": Text("%", f"{SPACE}%"),
    "days": Text(f"{SPACE}days", f"{SPACE}Tage"),
    "hours": Text(f"{SPACE}h", f"{SPACE}h"),
}


def known(value: float | None) -> TypeGuard[float]:
    """Whether there is a figure at all."""
    return value is not None and math.isfinite(value)


def number(value: float, decimals: int = 0) -> Text:
    """Return a plain number with the separators of each language."""
    text = f"{abs(value):,.{decimals}f}"
    sign = MINUS if value < 0 and float(text.replace(",", "")) else ""
    return Text(sign + text, sign + text.translate(str.maketrans(",.", ".,")))


def spelled(count: int, *, capital: bool = False) -> Text:
    """Return a count as a word up to twelve (German in the form for feminine nouns)."""
    if not 0 <= count < len(WORDS_EN):
        return number(count)
    words = Text(WORDS_EN[count], WORDS_DE[count])
    return Text(words.en.capitalize(), words.de.capitalize()) if capital else words


def decimals_of(unit: str, value: float) -> int:
    """Return how many decimals a figure of this unit and size is worth, one size for all."""
    size = abs(value) * (100 if unit == "rate" else 1)
    if unit == "count":
        return 0 if value == int(value) or size >= 100 else 1
    if unit == "currency":
        return 0 if size >= 1000 else 2
    if unit == "rate":
        return 1 if size >= 1 or size == 0 else 2
    if unit == "ratio":
        return 0 if size >= 100 else 2 if size >= 0.1 or size == 0 else 4
    return 2 if unit == "score" else 1


@dataclass(frozen=True)
class Formats:
    """Writes figures of one company: its currency stands beside every amount of money.

    `smallest` is the fewest persons of whom a count is shown, None where every count is.
    """

    currency: str = "EUR"
    smallest: int | None = None

    @property
    def withheld(self) -> Text:
        """Return what stands where a figure would tell of too few persons."""
        return say(
            "withheld (fewer than {n})",
            "zurückgehalten (weniger als {n})",
            n=DASH if self.smallest is None else number(self.smallest),
        )

    def amount(self, value: float | None, unit: str) -> Text:
        """Return a figure with its unit; nothing known is a dash, never 0."""
        if value is None or not math.isfinite(value):
            return DASH
        return self._dressed(self._bare(value, unit, decimals_of(unit, value)), unit)

    def target(self, value: float | None, unit: str) -> Text:
        """Return a target as people entered it: no decimals that say nothing."""
        if value is None:
            return DASH
        shown = value * 100 if unit == "rate" else value
        decimals = next((d for d in range(3) if round(shown, d) == round(shown, 6)), 2)
        return self._dressed(self._bare(value, unit, decimals), unit)

    def interval(self, low: float | None, high: float | None, unit: str) -> Text:
        """Return both ends, or the one that is bounded; empty without any."""
        if low is not None and high is not None:
            decimals = decimals_of(unit, max(abs(low), abs(high)))
            if unit == "count":
                decimals = 0 if high >= 10 else 1
            ends = [self._bare(end, unit, decimals) for end in (low, high)]
            dash = Text(" to ", " bis ") if low < 0 else DASH
            return self._dressed(ends[0] + dash + ends[1], unit)
        if low is not None:
            return say("at least {x}", "mindestens {x}", x=self.amount(low, unit))
        if high is not None:
            return say("at most {x}", "höchstens {x}", x=self.amount(high, unit))
        return Text("", "")

    def _bare(self, value: float, unit: str, decimals: int) -> Text:
        return number(value * 100 if unit == "rate" else value, decimals)

    def _dressed(self, text: Text, unit: str) -> Text:
        if unit != "currency":
            return text + AFTER.get(unit, "")
        symbol = SYMBOLS.get(self.currency, self.currency)
        before = symbol if len(symbol) == 1 else symbol + SPACE
        return Text(before + text.en, f"{text.de}{SPACE}{symbol}")


def day(value: date | None) -> Text:
    """Return a day, 23 Nov 2026 or 23.11.2026."""
    if value is None:
        return DASH
    short = MONTHS_EN[value.month - 1][:3]
    return Text(
        f"{value.day} {short} {value.year}".replace(" ", SPACE),
        f"{value.day}.{value.month}.{value.year}",
    )


def month(value: date | None) -> Text:
    """Return a month, October 2026 or Oktober 2026."""
    if value is None:
        return DASH
    return Text(
        f"{MONTHS_EN[value.month - 1]} {value.year}", f"{MONTHS_DE[value.month - 1]} {value.year}"
    )


def short_month(value: date) -> Text:
    """Return a month for an axis: Oct, Okt; January carries its year."""
    year = f" {value.year}" if value.month == 1 else ""
    return Text(MONTHS_EN[value.month - 1][:3] + year, MONTHS_DE[value.month - 1][:3] + year)


def moment(value: datetime | None) -> Text:
    """Return a day with its time."""
    return DASH if value is None else day(value.date()) + f", {value:%H:%M}"
