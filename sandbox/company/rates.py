"""Reference rates of the simulated world, and what an amount is worth in the business currency.

Both sides round alike: the rate into the business currency half up to 12 decimals, then the amount
half up to 4. An amount takes the rate of its day, else the last one of the seven days before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from sandbox.company.base import CURRENCY, stream

# units per euro, about which the rate of a day lies
AROUND = {
    "CHF": Decimal("0.9345"),
    "CZK": Decimal("24.512"),
    "GBP": Decimal("0.86233"),
    "JPY": Decimal("161.24"),
    "PLN": Decimal("4.2611"),
    "SEK": Decimal("11.0985"),
    "USD": Decimal("1.0956"),
}
OLDEST_DAYS = 7
RATE_PLACES, AMOUNT_PLACES = Decimal("1e-12"), Decimal("1e-4")


def easter(year: int) -> date:
    """Return Easter Sunday, by the rule of Gauss in Lichtenberg's form."""
    century = year // 100
    lunar = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    moon = (19 * (year % 19) + lunar) % 30
    late = moon // 29 + (moon // 28 - moon // 29) * (year % 19 // 11)
    border = 21 + moon - late
    sunday = 7 - (year + year // 4 + 2 - (3 * century + 3) // 4) % 7
    return date(year, 3, 1) + timedelta(days=border + 7 - (border - sunday) % 7 - 1)


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """Tell whether the central bank publishes rates on a day."""
    fixed = {(1, 1), (5, 1), (12, 25), (12, 26)}
    sunday = easter(day.year)
    moving = {sunday - timedelta(days=2), sunday + timedelta(days=1)}
    return day.weekday() < 5 and (day.month, day.day) not in fixed and day not in moving


@lru_cache(maxsize=16384)
def rate_on(currency: str, day: date) -> Decimal | None:
    """Return how many units a euro buys on `day`; None without a rate of that day."""
    if currency not in AROUND or not is_working_day(day):
        return None
    moved = Decimal(stream(0, f"rate of {currency} on {day}").randint(-240, 240)) / 10000
    about = AROUND[currency]
    return (about * (1 + moved)).quantize(about)


def rates(first: date, last: date) -> Iterator[tuple[str, date, Decimal]]:
    """Yield every rate between two days, by currency and day."""
    for currency in AROUND:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            rate = rate_on(currency, day)
            if rate is not None:
                yield currency, day, rate


def in_business_currency(amount: Decimal, currency: str, day: date) -> Decimal | None:
    """Return an amount of `day` in the business currency; None where no rate is near enough."""
    if currency == CURRENCY:
        return amount
    days = (day - timedelta(days=ago) for ago in range(OLDEST_DAYS + 1))
    units = next((rate for one in days if (rate := rate_on(currency, one))), None)
    if units is None:
        return None
    rate = (1 / units).quantize(RATE_PLACES, ROUND_HALF_UP)
    return (amount * rate).quantize(AMOUNT_PLACES, ROUND_HALF_UP)
