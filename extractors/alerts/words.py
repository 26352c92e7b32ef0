"""Figures and days as the reader writes them, in German or English."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MONTHS = {
    "en": ("January February March April May June July August September October November December"),
    "de": ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
}
UNITS = {"days": {"en": "days", "de": "Tage"}, "hours": {"en": "hours", "de": "Stunden"}}
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
HARD = "\u00a0"  # a blank at which no line breaks


@dataclass(frozen=True)
class Words:
    """One language and currency. Unknown figures are a dash, never 0.

    `german` has the names of KPIs by key; one that is not in it keeps the name of its definition.
    """

    language: str = "en"
    currency: str = "EUR"
    german: Mapping[str, str] = field(default_factory=dict)

    def say(self, en: str, de: str) -> str:
        """Return the text in the language."""
        return de if self.language == "de" else en

    def label(self, row: Any) -> str:
        """Return a KPI's name for people."""
        return self.say(row["label"], self.german.get(row["kpi"]) or row["label"])

    def day(self, value: date | None) -> str:
        """Return a day, 23 Nov 2026 or 23.11.2026."""
        if value is None:
            return "–"
        return self.say(f"{value.day} {self._month(value)[:3]} {value.year}", f"{value:%d.%m.%Y}")

    def month(self, value: date) -> str:
        """Return a month by its first day, October 2026."""
        return f"{self._month(value)} {value.year}"

    def amount(self, value: float | None, unit: str) -> str:
        """Return a figure in its unit: 7.6%, €45.00, 12.3 days."""
        if value is None or math.isnan(value):
            return "–"
        if unit == "rate":
            share = self._places(100 * value, 1)
            return self.say(f"{share}%", f"{share}{HARD}%")
        if unit == "currency":
            figure = self._places(value, 0 if abs(value) >= 1000 else 2)
            sign = SIGNS.get(self.currency, self.currency + HARD)
            return self.say(f"{sign}{figure}", f"{figure}{HARD}{sign.strip()}")
        figure = self._places(value, 0 if float(value).is_integer() else 2 if value < 10 else 1)
        return f"{figure}{HARD}{UNITS[unit][self.language]}" if unit in UNITS else figure

    def interval(self, row: Any, low: str = "lower_95", high: str = "upper_95") -> str:
        """Return the bounds of a row in words; an unbounded side is named, none is said so."""
        lower, upper = row[low], row[high]
        if lower is None and upper is None:
            return self.say("no interval", "ohne Intervall")
        if upper is None:
            return self.say("at least ", "mindestens ") + self.amount(lower, row["unit"])
        if lower is None:
            return self.say("at most ", "höchstens ") + self.amount(upper, row["unit"])
        between = self.say(" to ", " bis ")
        return f"{self.amount(lower, row['unit'])}{between}{self.amount(upper, row['unit'])}"

    def number(self, value: float, places: int = 0) -> str:
        """Return a plain number with this many decimals."""
        return self._places(value, places)

    def listed(self, names: Sequence[str], most: int = 8) -> str:
        """Return names in one line; of many the first ones and how many more."""
        shown = ", ".join(names[:most])
        more = len(names) - most
        if more <= 0:
            return shown
        return shown + self.say(f" and {more} more", f" und {more} weitere")

    def who(self, owner: str | None, contact: str | None) -> str:
        """Return whom to ask, with contact; that nobody is named where that is so."""
        named = ", ".join(part for part in (owner, contact) if part)
        missing = self.say(
            "nobody is named; add a line to kpi_owners.csv",
            "niemand ist benannt; eine Zeile in kpi_owners.csv ergänzen",
        )
        return self.say("Ask: ", "Wen fragen: ") + (named or missing)

    def _month(self, value: date) -> str:
        return MONTHS[self.language].split()[value.month - 1]

    def _places(self, value: float, places: int) -> str:
        text = f"{value:,.{places}f}".replace("-", "−")
        return text.translate(str.maketrans(",.", ".,")) if self.language == "de" else text
