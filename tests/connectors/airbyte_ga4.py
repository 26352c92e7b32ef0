"""Google Analytics 4 through Airbyte's connector: our two reports as reports of its user."""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "airbyte-source-google-analytics-data-api"
LOCK = "requirements-airbyte.lock"
SOURCE = "ga4"
STREAMS = ("sessions", "key_events")
HOSTS = ("www.googleapis.com", "analyticsdata.googleapis.com")
COMMAND = "source-google-analytics-data-api"
THEIRS = ("sessions_by_origin", "key_events_by_origin")
ORIGIN = {
    "source": "sessionSource",
    "medium": "sessionMedium",
    "campaign": "sessionCampaignName",
}
SESSIONS = ORIGIN | {"channel_group": "sessionDefaultChannelGroup"}
EVENTS = ORIGIN | {"event": "eventName"}
METRICS = {
    "sessions": "sessions",
    "engaged_sessions": "engagedSessions",
    "transactions": "transactions",
    "purchase_revenue": "purchaseRevenue",
}


def config(given: Given) -> dict[str, Any]:
    names = ("client_id", "client_secret", "refresh_token")
    return {
        "property_ids": [given.setting("property")],
        "date_ranges_start_date": str(given.first),
        "date_ranges_end_date": str(given.last),
        "window_in_days": 30,
        "lookback_window": 2,
        "credentials": {"auth_type": "Client", **{name: given.secret(name) for name in names}},
        "custom_reports_array": [
            _report("sessions_by_origin", SESSIONS, list(METRICS.values())),
            _report("key_events_by_origin", EVENTS, ["keyEvents"]),
        ],
    }


def _report(name: str, dimensions: dict[str, str], metrics: list[str]) -> dict[str, Any]:
    return {"name": name, "dimensions": ["date", *dimensions.values()], "metrics": metrics}


def rows(found: Found) -> Rows:
    return {
        "sessions": [_row(one, SESSIONS | METRICS) for one in found["sessions_by_origin"]],
        "key_events": [
            _row(one, EVENTS | {"key_events": "keyEvents"}) for one in found["key_events_by_origin"]
        ],
    }


def _row(one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    day = one["date"]
    picked = {ours: one[theirs] for ours, theirs in names.items()}
    return picked | {"day": f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else day}
