"""TikTok ads: advertisers, campaigns, ad groups, ads, and the daily figures of ads.

Source: TikTok API for Business v1.3; reference read November 2026. Errors come with status 200 and
a code inside. Days are those of the advertiser's time zone, at most 30 a call; numbers are texts
and "-" is no number. Conversions come back to the day of the click or view for 28 days. Of leads by
instant form only the number is read: the platform hands the forms out with their answers alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from requests import PreparedRequest

from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, Reply
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

API = "/open_api/v1.3"
ADVERTISERS = f"{API}/advertiser/info/"
CAMPAIGNS, AD_GROUPS, ADS = (f"{API}/{name}/get/" for name in ("campaign", "adgroup", "ad"))
REPORT = f"{API}/report/integrated/get/"
LISTED, DAYS_A_CALL = 1000, 30
ATTRIBUTES = ("campaign_id", "campaign_name", "adgroup_id", "adgroup_name")
FIGURES = ("impressions", "clicks", "spend", "conversion", "onsite_form")
BUSY = frozenset({40100, 50000, 50002, 51010, 51305})
TOKEN = frozenset({40102, 40104, 40105})
REFUSED = frozenset({40001, 40003, 40113, 40117, 40118, 40130})
OF_THE_DAY = 40132
RIGHTS = dict.fromkeys(("campaigns", "ad_groups", "ads"), "Ads Management") | {
    "advertisers": "Ad Account Management",
    "ad_days": "Reporting",
}
GRANT = "Give the app the scope {right} and authorise the advertiser for it again"
forbidden = naming_rights(RIGHTS, GRANT)


class AccessToken:
    """Sends `Access-Token: <token>`; the platform refuses one with the word Bearer before it."""

    def __init__(self, token: str) -> None:
        self._token = token.strip()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header to a request that is about to be sent."""
        request.headers["Access-Token"] = self._token
        return request


def connect(account: Account) -> Client:
    """Return a client; the token of an advertiser has no end until it is revoked."""
    auth = AccessToken(account.secrets["access_token"])
    # Too many calls are told without a time to wait, and the quota is one of a minute.
    return Client(account.base_url, where=account.name, auth=auth, attempts=8, explain=explain)


def explain(reply: Reply) -> ExtractError | None:
    """Name the platform's own reasons, which come with status 200; None for a good reply."""
    if reply.status >= 400:
        return forbidden(reply)
    code = inner(reply.body, "code")
    if not code:
        return None
    where, what = reply.where, f"{reply.request} answered code {code}"
    connection = where.partition(".")[0]
    if code in BUSY:
        return RetriableError(where, what, "Run again later")
    if code in TOKEN:
        do = f'Renew the key in connection "{connection}"; nothing was loaded'
        return FatalError(where, f"token refused ({code})", do)
    if code in REFUSED:
        right = RIGHTS.get(where.partition(".")[2], "the read rights")
        what = f"{reply.request} is not permitted ({code})"
        return FatalError(where, what, GRANT.format(right=right))
    if code == OF_THE_DAY:
        return FatalError(where, f"the calls of this day are used up ({code})",
                          "Run again after midnight UTC")  # fmt: skip
    do = "Compare advertiser under tiktok_ads: in sources.yml and the platform's change log"
    return FatalError(where, what, do)


@stream(
    key=("advertiser_id",),
    columns={
        "advertiser_id": Column(),
        "currency": Column(),
        "timezone": Column(),
    },
    mode="replace",
)
def advertisers(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the advertisers of the settings with currency and time zone, and nobody's address."""
    where = "tiktok_ads.advertisers"
    asked = {
        "advertiser_ids": json.dumps(_advertisers(scan, where)),
        "fields": _fields(advertisers),
    }
    reply = client.get(ADVERTISERS, asked, where=where)
    yield Page(_rows(reply), reply.fetched_at)


@stream(
    key=("campaign_id",),
    columns={
        "campaign_id": Column(),
        "advertiser_id": Column(),
        "campaign_name": Column(),
        "objective_type": Column(),
    },
    mode="replace",
    page_size=LISTED,
)
def campaigns(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the campaigns of every advertiser, deleted ones too: they have cost money."""
    yield from _of_advertisers(client, scan, CAMPAIGNS, "CAMPAIGN_STATUS_ALL", campaigns)


@stream(
    key=("adgroup_id",),
    columns={
        "adgroup_id": Column(),
        "campaign_id": Column(),
        "adgroup_name": Column(),
        "click_attribution_window": Column(),
        "view_attribution_window": Column(),
    },
    mode="replace",
    page_size=LISTED,
)
def ad_groups(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ad groups with the windows in which they claim conversions."""
    yield from _of_advertisers(client, scan, AD_GROUPS, "ADGROUP_STATUS_ALL", ad_groups)


@stream(
    key=("ad_id",),
    columns={
        "ad_id": Column(),
        "adgroup_id": Column(),
        "campaign_id": Column(),
        "tiktok_item_id": Column(),
    },
    mode="replace",
    page_size=LISTED,
)
def ads(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ads with the video of the own profile that a Spark Ad shows."""
    yield from _of_advertisers(client, scan, ADS, "AD_STATUS_ALL", ads)


@stream(
    key=("ad_id", "day"),
    columns={
        "ad_id": Column(),
        "day": Column("DATE"),
        "advertiser_id": Column(),
        "campaign_id": Column(),
        "campaign_name": Column(),
        "adgroup_id": Column(),
        "adgroup_name": Column(),
        "impressions": Column("BIGINT"),
        "clicks": Column("BIGINT"),
        "spend": Column("DECIMAL(18,4)"),
        "conversions": Column("BIGINT", "conversion"),
        "forms": Column("BIGINT", "onsite_form"),
    },
    mode="window",
    basis="daily",
    lookback_days=28,
    page_size=LISTED,
    ignored=names("dimensions metrics"),
)
def ad_days(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the figures of every ad and day of the window, with names as the report has them.

    Shape: days without delivery are missing; reserved ads are no part of it. Smart+ ads stand in no
    list of ads, so the report's own names place them. Units: spend in the advertiser's currency.
    """
    where = "tiktok_ads.ad_days"
    for advertiser in _advertisers(scan, where):
        first = scan.window.first
        while first <= scan.window.last:
            until = min(first + timedelta(days=DAYS_A_CALL - 1), scan.window.last)
            asked = {
                "advertiser_id": advertiser,
                "service_type": "AUCTION",
                "report_type": "BASIC",
                "data_level": "AUCTION_AD",
                "dimensions": json.dumps(["ad_id", "stat_time_day"]),
                "metrics": json.dumps([*FIGURES, *ATTRIBUTES]),
                "start_date": first.isoformat(),
                "end_date": until.isoformat(),
            }
            for reply in _paged(client, where, REPORT, asked):
                rows = [_figures(row, advertiser) for row in _rows(reply)]
                yield Page(rows, reply.fetched_at)
            first = until + timedelta(days=1)


def _advertisers(scan: Scan, where: str) -> list[str]:
    """Return the numbers of the settings; YAML may have made one number of a single one."""
    found = [one.strip() for one in scan.settings.get("advertiser", "").split(",") if one.strip()]
    if not found or not all(one.isdigit() for one in found):
        do = "Write advertiser: and the number, of several a comma list, under tiktok_ads:"
        raise FatalError(where, "sources.yml names no advertiser", do)
    return found


def _fields(of: Any) -> str:
    """Return the stream's columns as the platform wants a list; others are not even sent."""
    return json.dumps(list(of.columns))


def _of_advertisers(
    client: Client, scan: Scan, target: str, status: str, of: Any
) -> Iterator[Page]:
    """Yield a list of every advertiser; without a status, what was deleted is left out."""
    asked = {"filtering": json.dumps({"secondary_status": status}), "fields": _fields(of)}
    for advertiser in _advertisers(scan, of.label):
        for reply in _paged(client, of.label, target, {"advertiser_id": advertiser, **asked}):
            yield Page(_rows(reply), reply.fetched_at)


def _paged(client: Client, where: str, target: str, asked: Mapping[str, str]) -> Iterator[Reply]:
    """Follow a list by the number of the page; an answer says which page it is."""
    page = 1
    while True:
        numbered = {**asked, "page": str(page), "page_size": str(LISTED)}
        reply = client.get(target, numbered, where=where)
        info = inner(reply.body, "data", "page_info")
        if inner(info, "page") not in (None, page):
            do = "Run again; if it stays, report the endless paging to the platform"
            raise FatalError(where, f"page {page} leads back to one that was read already", do)
        yield reply
        if page >= (inner(info, "total_page") or 0):
            return
        page += 1


def _rows(reply: Reply) -> Sequence[Record]:
    """Return data.list of an answer."""
    return listed(replace(reply, body=inner(reply.body, "data")), "list")


def _figures(row: Record, advertiser: str) -> dict[str, Any]:
    """Bring dimensions and metrics into one row; "-" is what the platform has no number for."""
    metrics, dimensions = row.get("metrics"), row.get("dimensions")
    known = metrics if isinstance(metrics, dict) else {}
    figures = {name: None if value == "-" else value for name, value in known.items()}
    day = str(inner(dimensions, "stat_time_day") or "")[:10] or None
    ad = inner(dimensions, "ad_id")
    return {**row, **figures, "ad_id": ad, "day": day, "advertiser_id": advertiser}


SOURCE = Source(
    area="ads",
    title="TikTok ads",
    base_url="https://business-api.tiktok.com",
    connect=connect,
    credentials=("access_token",),
    settings=("advertiser",),
    permissions=RIGHTS,
    access=(
        "Register an app on business-api.tiktok.com with the scopes Ad Account Management, Ads "
        "Management and Reporting, and let an administrator of the advertiser open its "
        "authorisation address. What the code is changed for has no end; `advertiser` is the "
        "number in the address of TikTok Ads Manager."
    ),
)
