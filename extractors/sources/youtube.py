"""YouTube: the channel, its videos, and the figures of each video by day.

Source: Data API v3 and Analytics API v2; reference read November 2026. Days are Pacific time. The
platform has them up to 72 hours late and all at once: until then a day has no row, which is not
zero, and for some days more its figures still change. A video without activity has no row either.
views counts every start of a Short since 2025-03-31 and of any video since 2026-08-24;
engagedViews keeps the old rule, so both are landed. Clicks are those on cards in the video: nobody
counts clicks on links in a description. The Data API allows 10,000 units a day, a list costs 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from extractors.core import google
from extractors.core.errors import FatalError
from extractors.core.http import Client, Reply, Seen
from extractors.core.shape import inner, listed, names
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

ANALYTICS_URL = "https://youtubeanalytics.googleapis.com"
CHANNELS, UPLOADS = "/youtube/v3/channels", "/youtube/v3/playlistItems"
VIDEOS, REPORTS = "/youtube/v3/videos", "/v2/reports"
LISTED = 50  # the most that the Data API lists on a page, and takes as ids
VIDEOS_A_REPORT = 200  # the platform takes 500 ids, but they stand in the address
ROWS = 1000
METRICS = "views,engagedViews,likes,comments,shares,cardClicks"
SCOPE = "https://www.googleapis.com/auth/"
RIGHTS = {
    "channels": f"{SCOPE}youtube.readonly",
    "videos": f"{SCOPE}youtube.readonly",
    "video_days": f"{SCOPE}yt-analytics.readonly",
}
explain = google.explaining(RIGHTS, "Authorise again as an owner of the channel, with {right}")


def connect(account: Account) -> Client:
    """Return a client of both APIs: reports are asked for at analytics_url."""
    analytics = account.settings.get("analytics_url", ANALYTICS_URL)
    return Client(
        account.base_url,
        where=account.name,
        auth=google.oauth(account),
        explain=explain,
        meaning=_meaning,
        elsewhere={REPORTS: analytics},
    )


@stream(
    key=("channel_id", "read_on"),
    columns={
        "channel_id": Column(path="id"),
        "read_on": Column("DATE"),
        "subscribers": Column("BIGINT", "statistics.subscriberCount"),
        "subscribers_hidden": Column("BOOLEAN", "statistics.hiddenSubscriberCount"),
    },
    mode="snapshot",
    basis="lifetime",
    ignored=names("contentDetails etag kind"),
)
def channels(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the channel's subscribers of now, dated by the UTC day; there is no history.

    Units: above 1,000 the platform rounds to three digits, for the owner too.
    """
    reply, channel = _own_channel(client, "youtube.channels", "statistics")
    yield Page([{**channel, "read_on": reply.fetched_at.date().isoformat()}], reply.fetched_at)


@stream(
    key=("video_id",),
    columns={
        "video_id": Column(path="id"),
        "channel_id": Column(path="snippet.channelId"),
        "published_at": Column("TIMESTAMPTZ", "snippet.publishedAt"),
        "title": Column(),
        "description": Column(),
        "broadcast": Column(path="snippet.liveBroadcastContent"),
        "privacy": Column(path="status.privacyStatus"),
    },
    mode="snapshot",
    page_size=LISTED,
    ignored=names("etag kind"),
)
def videos(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield every upload of the channel, newest first; private ones too, deleted ones not.

    Shape: one record per video; persons mentioned in its texts are left out, links stay. Shorts
    are told apart by no field.
    """
    where = "youtube.videos"
    for ids in _uploads(client, where):
        asked = {"part": "snippet,status", "id": ",".join(ids)}
        reply = client.get(VIDEOS, asked, where=where)
        yield Page([_video(item) for item in listed(reply, "items")], reply.fetched_at)


@stream(
    key=("video_id", "day"),
    columns={
        "video_id": Column(path="video"),
        "day": Column("DATE"),
        "views": Column("BIGINT"),
        "engaged_views": Column("BIGINT", "engagedViews"),
        "likes": Column("BIGINT"),
        "comments": Column("BIGINT"),
        "shares": Column("BIGINT"),
        "card_clicks": Column("BIGINT", "cardClicks"),
    },
    mode="window",
    basis="daily",
    lookback_days=10,
    page_size=ROWS,
)
def video_days(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the counts of every video and Pacific day of the window that the platform has.

    Shape: the last two or three days and days without activity have no record.
    Units: counts of that day alone.
    """
    where = "youtube.video_days"
    uploads = [video for ids in _uploads(client, where) for video in ids]
    for first in range(0, len(uploads), VIDEOS_A_REPORT):
        yield from _report(client, scan, where, uploads[first : first + VIDEOS_A_REPORT])


def _report(client: Client, scan: Scan, where: str, ids: list[str]) -> Iterator[Page]:
    """Ask for the days of some videos; day by video is answered for named videos alone."""
    seen, start = Seen(where), 1
    asked = {
        "ids": "channel==MINE",
        "startDate": scan.window.first.isoformat(),
        "endDate": scan.window.last.isoformat(),
        "metrics": METRICS,
        "dimensions": "day,video",
        "filters": f"video=={','.join(ids)}",
        "sort": "day,video",
        "maxResults": str(ROWS),
    }
    while True:
        reply = client.get(REPORTS, {**asked, "startIndex": str(start)}, where=where)
        records = _table(reply)
        yield Page(records, reply.fetched_at)
        if len(records) < ROWS:
            return
        seen.check(f"{records[0].get('day')} {records[0].get('video')}")
        start += ROWS


def _table(reply: Reply) -> list[dict[str, Any]]:
    """Return rows under the names of their columns; a report without data has no rows at all."""
    header = [str(column.get("name")) for column in listed(reply, "columnHeaders")]
    rows = inner(reply.body, "rows") or []
    if not all(isinstance(row, list) and len(row) == len(header) for row in rows):
        what = f"{reply.request} gave rows that do not fit their columnHeaders"
        raise FatalError(reply.where, what, "Compare with the platform's change log")
    return [dict(zip(header, row, strict=True)) for row in rows]


def _meaning(reply: Reply) -> Reply:
    """Return a list of uploads that is not found, because there never was one, as empty."""
    is_of_uploads = reply.status == 404 and reply.request.endswith(UPLOADS)
    if is_of_uploads and "playlistNotFound" in google.reasons(reply.body):
        return replace(reply, status=200, body={"items": []})
    return reply


def _own_channel(client: Client, where: str, part: str) -> tuple[Reply, Record]:
    """Return the channel of the account that authorised us."""
    reply = client.get(CHANNELS, {"part": part, "mine": "true"}, where=where)
    found = listed(reply, "items") if inner(reply.body, "items") is not None else []
    if not found:
        do = "Authorise again, and choose the channel and not only its account"
        raise FatalError(where, "the account that authorised us has no channel", do)
    return reply, found[0]


def _uploads(client: Client, where: str) -> Iterator[list[str]]:
    """Yield the ids of the channel's uploads, newest first, as many as one call may name.

    A list that grows while it is read names some again: each is given once.
    """
    _, channel = _own_channel(client, where, "contentDetails")
    playlist = inner(channel, "contentDetails", "relatedPlaylists", "uploads")
    if not playlist:  # another name would not be found either, and look like a channel without any
        what = "the channel does not say which playlist its uploads are"
        raise FatalError(where, what, "Compare with the platform's change log")
    seen, given = Seen(where), set[str]()
    asked = {"part": "contentDetails", "playlistId": str(playlist), "maxResults": str(LISTED)}
    while True:
        reply = client.get(UPLOADS, asked, where=where)
        found = (inner(item, "contentDetails", "videoId") for item in listed(reply, "items"))
        ids = [
            video for video in dict.fromkeys(map(str, filter(None, found))) if video not in given
        ]
        given.update(ids)
        for first in range(0, len(ids), LISTED):
            yield ids[first : first + LISTED]
        following = inner(reply.body, "nextPageToken")
        if not following:
            return
        asked["pageToken"] = seen.check(str(following))


def _video(item: Record) -> dict[str, Any]:
    texts = {name: inner(item, "snippet", name) for name in ("title", "description")}
    kept = {k: without_persons(v) if isinstance(v, str) else None for k, v in texts.items()}
    return {**item, **kept}


SOURCE = Source(
    area="social",
    title="YouTube",
    base_url="https://youtube.googleapis.com",
    connect=connect,
    credentials=google.CREDENTIALS,
    permissions=RIGHTS,
    access=(
        "Make an OAuth client in a Google Cloud project with the YouTube Data and YouTube"
        " Analytics APIs enabled, publish its consent screen (in testing mode a refresh token dies"
        " after seven days), and authorise it once as an owner of the channel, with both scopes and"
        " offline access. A service account cannot own a channel."
    ),
)
