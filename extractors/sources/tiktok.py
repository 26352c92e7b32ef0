"""TikTok accounts: followers by day, and videos with their totals as they stand now.

Source: TikTok API for Business v1.3, organic part; reference read November 2026. Errors come with
status 200 and a code inside. Days are UTC; the account answers for the last 60, the newest come one
or two days late. Counters of a video are lifetime totals and end 365 days after it was published;
reach is left out once a video had no activity for seven days: it is not known then, not 0. The
token of an account lives for a day and is fetched anew with a refresh token, which may change.
Paid views are in the totals; what ads cost comes from `tiktok_ads`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from extractors.core.auth import OAuth
from extractors.core.errors import ExtractError, FatalError
from extractors.core.http import Client, Reply, Seen
from extractors.core.shape import inner, listed, naming_rights
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

API = "/open_api/v1.3"
PROFILE, VIDEOS = f"{API}/business/get/", f"{API}/business/video/list/"
TOKEN_PATH = f"{API}/tt_user/oauth2/refresh_token/"
LISTED = 20  # the most that the platform lists on a page
SHOWN_DAYS = 60
LOOKBACK_DAYS = 7
RENEWAL = ("refresh_token", "client_id", "client_secret")
# What a code in a reply with status 200 stands for.
STATUS = (
    dict.fromkeys((40102, 40104, 40105), 401)
    | dict.fromkeys((40001, 40003, 40113, 40117, 40118, 40130), 403)
    | dict.fromkeys((40016, 40100, 40133), 429)
    | dict.fromkeys((50000, 50002, 51010, 51305), 503)
)
OF_THE_DAY = 40132
RIGHTS = {
    "profile_days": "user.info.stats and user.insights",
    "videos": "video.list and video.insights",
}
GRANT = "Give the app the scopes {right}, and let the account authorise it again"
forbidden = naming_rights(RIGHTS, GRANT)


def connect(account: Account) -> Client:
    """Return a client of one account; with its refresh token it fetches tokens of a day."""
    auth = OAuth(
        account.settings.get("token_url", account.base_url.rstrip("/") + TOKEN_PATH),
        {"grant_type": "refresh_token", **{name: account.secrets[name] for name in RENEWAL}},
        where=account.name,
        keep=account.keep,
        header="Access-Token",  # the platform refuses a token with the word Bearer before it
        json=True,
        meaning=_token,
    )
    # Too many calls are told without a time to wait, and the quota is one of a minute.
    return Client(account.base_url, where=account.name, auth=auth, attempts=8, explain=explain,
                  meaning=meaning)  # fmt: skip


def _token(reply: Reply) -> Reply:
    """Return the reply of a renewal without its envelope; an error's body names its code."""
    code = inner(reply.body, "code")
    found = {"error": code} if code else inner(reply.body, "data")
    return dataclasses.replace(meaning(reply), body=found)


def meaning(reply: Reply) -> Reply:
    """Return the reply with the status that its code stands for."""
    code = inner(reply.body, "code")
    if reply.status >= 400 or not code:
        return reply
    return dataclasses.replace(reply, status=STATUS.get(code, 400))


def explain(reply: Reply) -> ExtractError | None:
    """Name the platform's own reasons; None leaves the judgement to the status."""
    code = inner(reply.body, "code")
    if code == OF_THE_DAY:
        what = f"the calls of this day are used up ({code})"
        return FatalError(reply.where, what, "Run again after midnight UTC")
    if reply.status == 400 and code:
        do = "Compare account under tiktok: in sources.yml and the platform's change log"
        return FatalError(reply.where, f"{reply.request} answered code {code}", do)
    return forbidden(reply)


@stream(
    key=("account_id", "metric_date"),
    columns={
        "account_id": Column(),
        "metric_date": Column("DATE", "date"),
        "followers": Column("BIGINT", "daily_total_followers"),
    },
    mode="window",
    basis="daily",
    lookback_days=LOOKBACK_DAYS,
    history_days=SHOWN_DAYS - 1,
)
def profile_days(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the account's followers at the end of each UTC day of the window.

    Shape: one record per account and day; of older days than the last 60 the platform knows
    nothing, of the newest one or two nothing yet.
    """
    account, last = scan.settings["account"], scan.window.last
    first = max(scan.window.first, last - timedelta(days=SHOWN_DAYS - 1))
    asked = {
        "business_id": account,
        "fields": json.dumps(["daily_total_followers"]),
        "start_date": str(first),
        "end_date": str(last),
    }
    reply = client.get(PROFILE, asked, where="tiktok.profile_days")
    days = listed(_data(reply), "metrics")
    yield Page([{**day, "account_id": account} for day in days], reply.fetched_at)


FIGURES = {
    "video_views": Column("BIGINT"),
    "likes": Column("BIGINT"),
    "comments": Column("BIGINT"),
    "shares": Column("BIGINT"),
    "favorites": Column("BIGINT"),
    "reach": Column("BIGINT"),
    "website_clicks": Column("BIGINT"),
}


@stream(
    key=("video_id", "read_on"),
    columns={
        "video_id": Column(path="item_id"),
        "read_on": Column("DATE"),
        "account_id": Column(),
        "published_seconds": Column("BIGINT", "create_time"),
        "media_type": Column(),
        "caption": Column(),
        "share_url": Column(),
        **FIGURES,
    },
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
)
def videos(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every video of the account with its totals so far, newest first.

    Shape: one record per video and UTC day of reading; persons named in a caption are left out.
    """
    where, account = "tiktok.videos", scan.settings["account"]
    fields = ["item_id", "create_time", "media_type", "caption", "share_url", *FIGURES]
    asked = {
        "business_id": account,
        "fields": json.dumps(fields),
        "max_count": str(LISTED),
    }
    seen = Seen(where)
    while True:
        reply = client.get(VIDEOS, asked, where=where)
        shared = {"account_id": account, "read_on": reply.fetched_at.date().isoformat()}
        found = [_video(one) | shared for one in listed(_data(reply), "videos")]
        yield Page(found, reply.fetched_at)
        if not inner(reply.body, "data", "has_more"):
            return
        asked["cursor"] = seen.check(str(inner(reply.body, "data", "cursor")))


def _data(reply: Reply) -> Reply:
    """Return the reply with what its envelope holds as its body."""
    return dataclasses.replace(reply, body=inner(reply.body, "data"))


def _video(video: Record) -> dict[str, Any]:
    caption = video.get("caption")
    return {**video, "caption": without_persons(caption) if isinstance(caption, str) else None}


SOURCE = Source(
    area="social",
    title="TikTok",
    base_url="https://business-api.tiktok.com",
    connect=connect,
    credentials=RENEWAL,
    settings=("account",),
    permissions=RIGHTS,
    access=(
        "Register an app of the API for Business with the Accounts API, and let the account"
        " authorise it: the code that comes back is exchanged once for a refresh token, which lives"
        " a year, and the account's open_id, which is the setting account."
    ),
)
