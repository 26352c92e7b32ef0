"""Shared words of the simulation: clock, seeded streams of chance, answers and traces."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIMEZONE = "Europe/Berlin"
CURRENCY = "EUR"
FOREIGN = "CHF"  # without a source of rates, such an amount counts for nothing
ZONE = ZoneInfo(TIMEZONE)
UNASSIGNED, UNATTRIBUTED, UNKNOWN = "unassigned", "unattributed", "unknown"
SOCIAL, CONVENTIONAL = "social", "conventional"


@dataclass(frozen=True, slots=True)
class Answer:
    """The platform, campaign and kind that the attribution rules must give a conversion."""

    platform: str = UNATTRIBUTED
    campaign: str = UNASSIGNED
    channel_kind: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Trace:
    """What a conversion leaves in the systems, and the answer that it must lead to.

    Shape: `kind` is utm, undeclared, utm_source, click, touch, source or none; `source` is the name
    that the system itself keeps (a Greenhouse source, a HubSpot network, a shop's channel). With
    kind click the answer's platform handed over a click id.
    """

    answer: Answer
    kind: str
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    source: str | None = None


def words(text: str, separator: str | None = None) -> list[str]:
    """Return the parts of a list written as one text."""
    return text.split(separator)


def stream(seed: int, purpose: str) -> random.Random:
    """Return the chance for one purpose, so that more of one thing leaves the others unmoved."""
    return random.Random(f"{seed}:{purpose}")


def local(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return the UTC moment of a wall-clock time in the business time zone."""
    return datetime.combine(day, time(hour, minute, second), ZONE).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the business day on which a moment lies."""
    return moment.astimezone(ZONE).date()


def cutoff(day: date) -> datetime:
    """Return the first moment after business day `day`."""
    return local(day + timedelta(days=1), 0)


def served_at(day: date) -> datetime:
    """Return the time that every server shows while the clock stands on `day`."""
    return local(day + timedelta(days=1), 3)


def any_time(rng: random.Random, day: date, first: int = 7, last: int = 22) -> datetime:
    """Return a moment of `day` between two full hours, never inside a change of clocks."""
    return local(day, rng.randint(first, last), rng.randint(0, 59), rng.randint(0, 59))


def office_time(rng: random.Random, after: datetime, days: int) -> datetime:
    """Return a moment in office hours, `days` or a few more days after another moment."""
    day = day_of(after) + timedelta(days=days)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    moment = any_time(rng, day, 9, 17)
    return moment if moment > after else after + timedelta(minutes=rng.randint(5, 90))


def pick_days(rng: random.Random, first: date, last: date, count: int) -> list[date]:
    """Return `count` sorted days; weekends carry a third of a working day."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [0.35 if day.weekday() >= 5 else 1.0 for day in days]
    return sorted(rng.choices(days, weights, k=count))


def split(rng: random.Random, total: int, weights: list[float]) -> list[int]:
    """Return whole numbers that sum to `total` and follow `weights`."""
    counts = [0] * len(weights)
    for index in rng.choices(range(len(weights)), weights, k=total):
        counts[index] += 1
    return counts
