"""The ECB Data Portal's SDMX service: daily reference rates as SDMX-JSON or CSV.

Source: data.ecb.europa.eu (API help, SDMX-JSON 1.0), read 2026-11. Without a format the real
service answers in XML, which is not served here.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from sandbox.company.rates import OLDEST_DAYS, rates
from sandbox.servers.wire import Reply, Request, World

CREDENTIALS: dict[str, str] = {}
PARAMETERS = {
    "detail",
    "dimensionAtObservation",
    "endPeriod",
    "firstNObservations",
    "format",
    "includeHistory",
    "lastNObservations",
    "startPeriod",
    "updatedAfter",
}
SERIES = ("FREQ", "CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "EXR_SUFFIX")
FIXED = {"FREQ": "D", "CURRENCY_DENOM": "EUR", "EXR_TYPE": "SP00", "EXR_SUFFIX": "A"}
Rates = dict[str, list[tuple[date, Decimal]]]


class Ecb:
    """The fake service: `/service/data/EXR/{key}`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def expire(self) -> None:
        """Nothing ends: there are no tokens."""

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what a service in front of the portal answers to a call that it refuses."""
        return Reply({"error": f"refused ({status})"}, status)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        found = re.fullmatch(r"/service/data/(?:ECB,)?EXR(?:,[\d.]+)?/([\w.+]*)", request.path)
        if not found or request.method != "GET":
            return Reply(b"No results found", 404, {"Content-Type": "text/plain"})
        if set(request.params) - PARAMETERS:
            return Reply(b"Syntax error", 400, {"Content-Type": "text/plain"})
        chosen = self._chosen(found[1], request.params)
        if chosen is None:
            return Reply(b"Syntax error", 400, {"Content-Type": "text/plain"})
        if not chosen:
            return Reply(b"No results found", 404, {"Content-Type": "text/plain"})
        kind = request.params.get("format", "")
        if kind == "csvdata":
            return Reply(_csv(chosen), headers={"Content-Type": "text/csv"})
        if kind == "jsondata" or "json" in request.headers.get("accept", ""):
            return self._json(chosen)
        return Reply(b"Not acceptable", 406, {"Content-Type": "text/plain"})

    def _chosen(self, key: str, params: dict[str, str]) -> Rates | None:
        """Return the rates that a key and its bounds choose; None for a key that is none."""
        parts = key.split(".")
        if len(parts) != len(SERIES):
            return None
        wanted = dict(zip(SERIES, parts, strict=True))
        if any(wanted[name] and value not in wanted[name].split("+")
               for name, value in FIXED.items()):  # fmt: skip
            return {}
        today, first = self._world.clock.day, self._world.company.first
        start = max(
            first - timedelta(days=OLDEST_DAYS + 30), _day(params.get("startPeriod"), first)
        )
        last = min(today, _day(params.get("endPeriod"), today))
        names = wanted["CURRENCY"].split("+") if wanted["CURRENCY"] else None
        found: Rates = {}
        for currency, group in groupby(rates(start, last), key=lambda one: one[0]):
            if names is None or currency in names:
                found[currency] = [(day, rate) for _, day, rate in group]
        count = params.get("lastNObservations", "")
        if count.isdigit():
            found = {currency: days[-int(count) :] for currency, days in found.items()}
        return found

    def _json(self, chosen: Rates) -> Reply:
        """Answer in SDMX-JSON: values stand at the places of their dimensions' lists."""
        days = sorted({day for one in chosen.values() for day, _ in one})
        at = {day: str(number) for number, day in enumerate(days)}
        lists = {name: [value] for name, value in FIXED.items()} | {"CURRENCY": list(chosen)}
        series = {
            f"0:{number}:0:0:0": {"observations": {at[day]: [float(rate)] for day, rate in one}}
            for number, one in enumerate(chosen.values())
        }
        periods = [{"id": day.isoformat(), "name": day.isoformat()} for day in days]
        body: dict[str, Any] = {
            "header": {
                "id": "sandbox",
                "test": False,
                "prepared": self._world.clock.now.isoformat(),
                "sender": {"id": "ECB"},
            },
            "dataSets": [{"action": "Replace", "series": series}],
            "structure": {
                "name": "Exchange Rates",
                "dimensions": {
                    "series": [
                        {
                            "id": name,
                            "values": [{"id": value, "name": value} for value in lists[name]],
                        }
                        for name in SERIES
                    ],
                    "observation": [{"id": "TIME_PERIOD", "role": "time", "values": periods}],
                },
            },
        }
        return Reply(body)


def _csv(chosen: Rates) -> bytes:
    lines = [",".join(("KEY", *SERIES, "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"))]
    for currency, days in chosen.items():
        own = {**FIXED, "CURRENCY": currency}
        parts = [own[name] for name in SERIES]
        head = ",".join((f"EXR.{'.'.join(parts)}", *parts))
        lines += [f"{head},{day},{rate},A" for day, rate in days]
    return ("\r\n".join(lines) + "\r\n").encode()


def _day(text: str | None, otherwise: date) -> date:
    """Return a bound of the period: a day, or the first one of a month or year."""
    if not text:
        return otherwise
    parts = [int(part) for part in text.split("-")]
    year, month, day = [*parts, 1, 1][:3]
    return date(year, month, day)


PLATFORM = Ecb
