"""YouTube's Data and Analytics APIs through Google's own client and its discovery documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from tests.clients.script import Given, Rows, main

CLIENT = "google-api-python-client"
STREAMS = ("channels", "videos", "video_days")
HOSTS = ("oauth2.googleapis.com", "youtube.googleapis.com", "youtubeanalytics.googleapis.com")
COUNTS = {
    "views": "views",
    "engaged_views": "engagedViews",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "card_clicks": "cardClicks",
}


def read(given: Given) -> Rows:
    names = ("client_id", "client_secret", "refresh_token")
    auth = Credentials(
        None,
        token_uri="https://oauth2.googleapis.com/token",
        **{name: given.secret(name) for name in names},
    )
    data = build("youtube", "v3", credentials=auth, static_discovery=True)
    analytics = build("youtubeAnalytics", "v2", credentials=auth, static_discovery=True)
    part = "statistics,contentDetails"
    (channel,) = data.channels().list(part=part, mine=True).execute()["items"]
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    ids = list(_uploads(data.playlistItems(), uploads))
    return {
        "channels": [
            {
                "channel_id": channel["id"],
                "subscribers": channel["statistics"]["subscriberCount"],
                "subscribers_hidden": channel["statistics"]["hiddenSubscriberCount"],
            }
        ],
        "videos": [
            _video(item)
            for first in range(0, len(ids), 40)
            for item in data.videos()
            .list(part="snippet,status", id=ids[first : first + 40])
            .execute()["items"]
        ],
        "video_days": [row for one in ids for row in _days(analytics.reports(), given, one)],
    }


def _uploads(resource: Any, playlist: str) -> Iterator[str]:
    request = resource.list(part="contentDetails", playlistId=playlist, maxResults=30)
    while request is not None:
        reply = request.execute()
        yield from (item["contentDetails"]["videoId"] for item in reply["items"])
        request = resource.list_next(request, reply)


def _video(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "video_id": item["id"],
        "channel_id": item["snippet"]["channelId"],
        "published_at": item["snippet"]["publishedAt"],
        "title": item["snippet"]["title"],
        "broadcast": item["snippet"]["liveBroadcastContent"],
        "privacy": item["status"]["privacyStatus"],
    }


def _days(reports: Any, given: Given, video: str) -> Iterator[dict[str, Any]]:
    """Ask for one video after the other, as most connectors do."""
    reply = reports.query(
        ids="channel==MINE",
        startDate=str(given.first),
        endDate=str(given.last),
        metrics=",".join(COUNTS.values()),
        dimensions="day",
        filters=f"video=={video}",
    ).execute()
    header = [column["name"] for column in reply["columnHeaders"]]
    for row in reply.get("rows", []):
        found = dict(zip(header, row, strict=True))
        counts = {ours: found[theirs] for ours, theirs in COUNTS.items()}
        yield {"video_id": video, "day": found["day"], **counts}


if __name__ == "__main__":
    main(read)
