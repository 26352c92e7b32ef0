"""Costs that come by file, in amounts whose days are whole cents."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sandbox.company.base import stream
from sandbox.company.campaigns import LABELS, Campaign

# department, platform, category, EUR a day: booked on the first of a month for the whole month
MONTHLY = (
    ("HR", "Indeed", "job board", "21.50"),
    ("Recruiting", "StepStone", "job board", "17.25"),
    ("Recruiting", None, "applicant tracking", "9.80"),
    ("Sales", None, "crm licence", "26.40"),
    ("Sales", "Google", "search ads agency", "14.10"),
    ("Shop", "Email", "newsletter tool", "6.35"),
    ("Support", None, "help desk licence", "18.90"),
    ("Marketing", None, "social media tool", "11.00"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One booked cost; `daily` EUR on every day from `day` to `until` (both included)."""

    id: str
    day: date
    until: date | None
    department: str
    platform: str | None
    campaign: Campaign | None
    category: str
    daily: Decimal

    @property
    def days(self) -> list[date]:
        """Return the days over which it is spread."""
        last = self.until or self.day
        return [self.day + timedelta(days=n) for n in range((last - self.day).days + 1)]

    @property
    def amount(self) -> Decimal:
        """Return the amount on the bill."""
        return self.daily * len(self.days)


def make_costs(seed: int, campaigns: list[Campaign], first: date, last: date) -> list[Cost]:
    """Return all bills in order of their first day; the story's is 1,350 EUR."""
    rng = stream(seed, "costs")
    bills: list[tuple[date, date | None, str, str | None, Campaign | None, str, Decimal]] = []
    for department, platform, category, daily in MONTHLY:
        day = first
        while day <= last:
            until = day.replace(day=calendar.monthrange(day.year, day.month)[1])
            bills.append((day, until, department, platform, None, category, Decimal(daily)))
            day = until + timedelta(days=1)
    for campaign in campaigns:
        label = LABELS.get(campaign.platform or "", "")
        label = label or ("Email" if campaign.platform == "email" else "")
        if not label:
            continue
        if campaign.story:
            until = campaign.starts + timedelta(days=29)
            bills.append(
                (campaign.starts, until, "Marketing", label, campaign, "media", Decimal("45.00"))
            )
        else:
            price = Decimal(rng.randint(15000, 180000)) / 100
            bills.append((campaign.starts, None, "Marketing", label, campaign, "production", price))
    bills.sort(key=lambda bill: (bill[0], bill[2], bill[5], bill[4].name if bill[4] else ""))
    return [Cost(f"K-{n:05d}", *bill) for n, bill in enumerate(bills, 1)]
