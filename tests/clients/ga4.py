"""GA4's Data API through Google's own client, which fills Google's messages from the replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta.types import DateRange, Dimension, Metric, RunReportRequest
from google.oauth2.credentials import Credentials

from tests.clients.script import Given, Rows, main

CLIENT = "google-analytics-data"
STREAMS = ("sessions", "key_events")
HOSTS = ("oauth2.googleapis.com", "analyticsdata.googleapis.com")
ORIGIN = {
    "day": "date",
    "source": "sessionSource",
    "medium": "sessionMedium",
    "campaign": "sessionCampaignName",
}
SESSIONS = {
    "sessions": "sessions",
    "engaged_sessions": "engagedSessions",
    "transactions": "transactions",
    "purchase_revenue": "purchaseRevenue",
}
PAGE = 700


def read(given: Given) -> Rows:
    names = ("client_id", "client_secret", "refresh_token")
    auth = Credentials(
        None,
        token_uri="https://oauth2.googleapis.com/token",
        **{name: given.secret(name) for name in names},
    )
    client = BetaAnalyticsDataClient(credentials=auth, transport="rest")
    group, event = {"channel_group": "sessionDefaultChannelGroup"}, {"event": "eventName"}
    return {
        "sessions": _report(client, given, {**ORIGIN, **group}, SESSIONS),
        "key_events": _report(client, given, {**ORIGIN, **event}, {"key_events": "keyEvents"}),
    }


def _report(
    client: BetaAnalyticsDataClient,
    given: Given,
    dimensions: Mapping[str, str],
    metrics: Mapping[str, str],
) -> Iterator[dict[str, str]]:
    offset, count = 0, 1
    while offset < count:
        reply = client.run_report(
            RunReportRequest(
                property=f"properties/{given.setting('property')}",
                dimensions=[Dimension(name=name) for name in dimensions.values()],
                metrics=[Metric(name=name) for name in metrics.values()],
                date_ranges=[DateRange(start_date=str(given.first), end_date=str(given.last))],
                limit=PAGE,
                offset=offset,
            )
        )
        money = {"currency": reply.metadata.currency_code} if "transactions" in metrics else {}
        for row in reply.rows:
            cells = [value.value for value in (*row.dimension_values, *row.metric_values)]
            yield dict(zip((*dimensions, *metrics), cells, strict=True)) | money
        offset, count = offset + PAGE, reply.row_count


if __name__ == "__main__":
    main(read)
