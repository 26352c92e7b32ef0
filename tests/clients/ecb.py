"""The ECB's rates through ecbdata, a client of its Data Portal that reads CSV."""

from __future__ import annotations

from datetime import timedelta

from ecbdata import ecbdata

from tests.clients.script import Given, Rows, main

CLIENT = "ecbdata"
STREAMS = ("rates",)
HOSTS = ("data-api.ecb.europa.eu",)


def read(given: Given) -> Rows:
    start = given.first - timedelta(days=7)
    found = ecbdata.get_series("EXR.D..EUR.SP00.A", start=str(start), end=str(given.last))
    columns = zip(found["CURRENCY"], found["TIME_PERIOD"], found["OBS_VALUE"], strict=True)
    return {
        "rates": [
            {"currency": currency, "rate_on": day, "units_per_euro": float(units)}
            for currency, day, units in columns
        ]
    }


if __name__ == "__main__":
    main(read)
