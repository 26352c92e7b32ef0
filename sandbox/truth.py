"""The ground truth: every KPI by period and slice, from the simulated events (DESIGN, 6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.measures import Days, Measures, Number, Slice

GRAINS = ("day", "week", "month", "quarter", "year", "all")
MONEY_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI: what it divides, and how many base units (seconds) make one of its own."""

    name: str
    numerator: str
    denominator: str | None = None
    per: int = 1


KPIS = (
    Kpi("qualified_applications", "qualified"),
    Kpi("qualification_rate", "qualified", "applications"),
    Kpi("application_to_hire_rate", "hires_of_these", "applications"),
    Kpi("hires", "hires"),
    Kpi("cost_per_qualified_application", "recruiting_cost", "qualified"),
    Kpi("cost_per_hire", "recruiting_cost", "hires"),
    Kpi("click_to_application_rate", "recruiting_campaign_applications", "recruiting_clicks"),
    Kpi("offer_acceptance_rate", "hires_of_these_offers", "offers"),
    Kpi("time_to_hire_days", "seconds_to_hire", "dated_hires", 86400),
    Kpi("leads", "leads"),
    Kpi("qualified_lead_rate", "qualified_leads", "leads"),
    Kpi("lead_to_win_rate", "leads_won", "leads"),
    Kpi("won_revenue", "won_revenue"),
    Kpi("cost_per_lead", "sales_cost", "leads"),
    Kpi("cost_per_won_deal", "sales_cost", "won_deals"),
    Kpi("return_on_ad_spend", "ad_revenue", "ad_spend"),
    Kpi("support_requests", "requests"),
    Kpi("resolved_requests", "resolved"),
    Kpi("resolution_rate", "resolved", "requests"),
    Kpi("hours_to_resolution", "seconds_to_resolution", "dated_resolutions", 3600),
    Kpi("hours_to_first_response", "seconds_to_response", "dated_responses", 3600),
    Kpi("satisfaction", "satisfaction", "rated"),
    Kpi("orders", "orders"),
    Kpi("order_revenue", "order_revenue"),
    Kpi("average_order_value", "order_revenue", "orders"),
    Kpi("new_customer_share", "first_orders", "flagged_orders"),
    Kpi("click_to_order_rate", "commerce_campaign_orders", "commerce_clicks"),
    Kpi("cost_per_order", "commerce_cost", "orders"),
)


def start_of(day: date, grain: str) -> date | None:
    """Return the first day of the period that holds `day`; None for all time."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    if grain == "year":
        return date(day.year, 1, 1)
    return day if grain == "day" else None


def count(company: Company, day: date) -> list[dict[str, Any]]:
    """Return the rows of the ground truth as known at the end of business day `day`.

    Shape: kpi, period_grain, period_start, slice, slice_value, numerator, denominator, value; a
    side without rows is None, so is a value whose denominator is None or 0.
    Units: durations are summed in whole seconds and shown in days or hours; money is Decimal.
    """
    periods = _Periods(Measures(company, day).sums)
    return [row for kpi in KPIS for row in _rows(kpi, periods)]


def _rows(kpi: Kpi, periods: _Periods) -> Iterator[dict[str, Any]]:
    sides = [kpi.numerator, *([kpi.denominator] if kpi.denominator else [])]
    parts = sorted({part for side in sides for part in periods.slices(side)})
    for part in parts:
        for grain in GRAINS:
            above = periods.sums(kpi.numerator, part, grain)
            below = periods.sums(kpi.denominator, part, grain) if kpi.denominator else {}
            for start in sorted({*above, *below}, key=str):
                numerator: Number | float | None = above.get(start)
                denominator = below.get(start)
                value = _value(kpi, above.get(start), denominator)
                if kpi.per > 1 and numerator is not None:
                    numerator = int(numerator) / kpi.per
                yield {
                    "kpi": kpi.name,
                    "period_grain": grain,
                    "period_start": start,
                    "slice": part[0],
                    "slice_value": part[1],
                    "numerator": numerator,
                    "denominator": denominator,
                    "value": value,
                }


class _Periods:
    """Sums of measures by period, made once per measure and slice."""

    def __init__(self, sums: dict[str, dict[Slice, Days]]) -> None:
        self._sums = sums
        self._known: dict[tuple[str, Slice, str], dict[date | None, Number]] = {}

    def slices(self, measure: str) -> list[Slice]:
        """Return the slices in which the measure has rows."""
        return list(self._sums.get(measure, {}))

    def sums(self, measure: str, part: Slice, grain: str) -> dict[date | None, Number]:
        """Return the sums by first day of the period."""
        key = (measure, part, grain)
        if key not in self._known:
            found: dict[date | None, Number] = {}
            for day, number in self._sums.get(measure, {}).get(part, {}).items():
                start = start_of(day, grain)
                found[start] = found.get(start, 0) + number
            self._known[key] = found
        return self._known[key]


def _value(kpi: Kpi, numerator: Number | None, denominator: Number | None) -> Number | float | None:
    """Divide exactly, then round once to the nearest double."""
    if kpi.denominator is None:
        return numerator
    if numerator is None or not denominator:
        return None
    return _whole(numerator) / (_whole(denominator) * kpi.per)


def _whole(number: Number) -> int:
    return int(number * MONEY_SCALE)


def as_json(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as one JSON object with one line per row; dates and money are texts."""
    lines = ",\n".join(json.dumps(row, default=_text, ensure_ascii=False) for row in rows)
    return f'{{"rows": [\n{lines}\n]}}\n'.encode()


def _text(value: date | Decimal) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
