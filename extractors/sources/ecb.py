"""European Central Bank: the euro's reference rates, by which amounts in other currencies convert.

Source: ECB Data Portal, SDMX REST API, dataflow EXR, SDMX-JSON; reference read November 2026. One
call answers for all currencies; no credentials, no stated quota. A span without any rate is a 404
in plain text. A rate is how many units of a
currency one euro buys, published about 16:00 on working days of TARGET: none on weekends, Good
Friday, Easter Monday, 1 May, Christmas and New Year. A currency that is no longer quoted (as one
that the euro replaced) just ends. The day's rate is not restated; a night re-reads a week all the
same, so that a late one is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from extractors.core.errors import FatalError
from extractors.core.http import Client, Reply
from extractors.core.shape import inner, listed, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

# frequency, currency (all), against the euro, spot, average of the day
RATES = "/service/data/EXR/D..EUR.SP00.A"
# What an amount of a holiday converts at must be there, too, on the first day of a history.
DAYS_BEFORE = timedelta(days=7)
RIGHTS = {"rates": "none: the rates are public"}
explain = naming_rights(RIGHTS, "Look for a proxy that refuses it; right needed: {right}")


def connect(account: Account) -> Client:
    """Return a client; the rates are public."""
    return Client(account.base_url, where=account.name, explain=explain, meaning=_meaning)


@stream(
    key=("currency", "rate_on"),
    columns={
        "currency": Column(),
        "rate_on": Column("DATE"),
        "units_per_euro": Column("DOUBLE"),
    },
    mode="window",
    lookback_days=7,
    history_days=1095,
    required=("currency", "rate_on", "units_per_euro"),
)
def rates(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the rates of the window and of the seven days before it.

    Shape: one record per currency and day with a rate; a day without one has no record.
    """
    asked = {
        "startPeriod": str(scan.window.first - DAYS_BEFORE),
        "endPeriod": str(scan.window.last),
        "detail": "dataonly",
        "format": "jsondata",
    }
    reply = client.get(RATES, asked, where="ecb.rates")
    yield Page(_rates(reply) if reply.body else [], reply.fetched_at)


def _meaning(reply: Reply) -> Reply:
    """Return "no results found" as an empty answer; a web page says that the address is wrong."""
    is_page = "html" in (reply.headers.get("Content-Type") or "").lower()
    return replace(reply, status=200, body={}) if reply.status == 404 and not is_page else reply


def _rates(reply: Reply) -> list[Record]:
    """Return the observations: SDMX-JSON names currencies and days by their place in lists."""
    found: list[Record] = []
    for data in listed(reply, "dataSets"):
        series = data.get("series")
        for place, one in series.items() if isinstance(series, dict) else []:
            currency = _named(reply, "series", "CURRENCY", place.split(":"))
            values = inner(one, "observations")
            for day, value in values.items() if isinstance(values, dict) else []:
                rate_on = _named(reply, "observation", "TIME_PERIOD", [day])
                units = value[0] if isinstance(value, list) and value else None
                if units is not None:
                    found.append(
                        {"currency": currency, "rate_on": rate_on, "units_per_euro": units}
                    )
    return found


def _named(reply: Reply, group: str, name: str, place: Sequence[str]) -> Any:
    """Return what a dimension is at a place; FatalError where the structure does not say it."""
    dimensions = inner(reply.body, "structure", "dimensions", group)
    try:
        at = [dimension["id"] for dimension in dimensions].index(name)
        return dimensions[at]["values"][int(place[at])]["id"]
    except (TypeError, KeyError, ValueError, IndexError) as error:
        what = f"{reply.request} has a value whose {name} its structure does not name"
        raise FatalError(reply.where, what, "Compare with the portal's change log") from error


SOURCE = Source(
    area="money",
    title="ECB reference rates",
    base_url="https://data-api.ecb.europa.eu",
    connect=connect,
    permissions=RIGHTS,
    access="No account and no key: naming the source in sources.yml is enough.",
)
