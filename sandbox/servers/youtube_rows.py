"""YouTube's resources and the table of its reports, as both APIs write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.company import Company, cutoff
from sandbox.company.base import local
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.company.social import Post, video_id
from sandbox.servers.linkedin_rows import tagged_link
from sandbox.servers.wire import iso

CHANNEL = "UCsandboxAcme0000000000A"
UPLOADS = f"UU{CHANNEL[2:]}"
DRAFT, DELETED = "dRaFt000001", "gOne0000001"
# figures of a post in the order of its measures; an engaged view is one that went on
METRICS = {
    "views": lambda now: now[0],
    "engagedViews": lambda now: now[0] * 7 // 10,
    "likes": lambda now: now[1],
    "comments": lambda now: now[2],
    "shares": lambda now: now[3],
    "cardClicks": lambda now: now[4],
    "estimatedMinutesWatched": lambda now: now[0] * 3 // 2,
}
Figures = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the playlist of uploads; a draft is private and has no post."""

    id: str
    at: datetime
    post: Post | None = None
    deleted: bool = False


class Rows:
    """The channel's uploads: the videos of campaigns, everyday ones, a draft and a deleted one."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._made: list[Post] | None = None

    def _posts(self) -> list[Post]:
        if self._made is None:
            everyday = posts_on(self._company, "youtube")
            for post in everyday:
                post.id = video_id(int(post.id))
            own = [post for post in self._company.social.posts if post.platform == "youtube"]
            self._made = sorted([*own, *everyday], key=lambda post: (post.published_at, post.id))
        return self._made

    def posts(self, day: date) -> list[Post]:
        """Return the videos that were published by the end of `day`, oldest first."""
        return [post for post in self._posts() if post.published_at < cutoff(day)]

    def entries(self, day: date) -> list[Entry]:
        """Return the playlist of uploads, newest first."""
        begin = local(self._company.first, 12)
        strange = [Entry(DRAFT, begin), Entry(DELETED, begin + timedelta(hours=1), deleted=True)]
        found = [Entry(post.id, post.published_at, post) for post in self.posts(day)]
        return sorted([*strange, *found], key=lambda one: (one.at, one.id), reverse=True)

    def days(
        self, today: date, videos: set[str], first: str, last: str
    ) -> Iterator[tuple[str, str, Figures]]:
        """Yield video, day and figures of the chosen videos (all where none is chosen)."""
        for post in self.posts(today):
            if videos and post.id not in videos:
                continue
            for day in post.days:
                now = post.shown(day, today)
                if now and first <= day.isoformat() <= last:
                    yield post.id, day.isoformat(), now


def table(
    days: Iterator[tuple[str, str, Figures]], dimensions: Sequence[str], metrics: Sequence[str]
) -> list[list[Any]]:
    """Return the rows of a report: dimensions, then sums of metrics."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for video, day, now in days:
        key = tuple({"video": video, "day": day}[name] for name in dimensions)
        row = sums.setdefault(key, [0] * len(metrics))
        for at, name in enumerate(metrics):
            row[at] += METRICS[name](now)
    return [[*key, *row] for key, row in sums.items()]


def channel_item(company: Company, rows: Rows, day: date) -> dict[str, Any]:
    """Return the channel; counters are texts, subscribers rounded to three digits."""
    count = followers_on(company, "youtube", day)
    rounded = count if count <= 1000 else int(f"{count:.0f}"[:3].ljust(len(str(count)), "0"))
    views = sum(totals(post, day)[0] for post in rows.posts(day))
    return {
        "kind": "youtube#channel",
        "etag": f"c{count}",
        "id": CHANNEL,
        "snippet": {"title": "Acme", "customUrl": "@acme", "publishedAt": "2019-05-02T09:00:00Z"},
        "statistics": {
            "viewCount": str(views),
            "subscriberCount": str(rounded),
            "hiddenSubscriberCount": False,
            "videoCount": str(len(rows.posts(day))),
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
    }


def playlist_item(entry: Entry, position: int) -> dict[str, Any]:
    """Return a place in the playlist of uploads."""
    at = iso(entry.at, millis=False)
    title = "Deleted video" if entry.deleted else _texts(entry)[0]
    details = {"videoId": entry.id} | ({} if entry.deleted else {"videoPublishedAt": at})
    return {
        "kind": "youtube#playlistItem",
        "etag": f"p{entry.id}",
        "id": f"VVU{entry.id}",
        "snippet": {
            "publishedAt": at,
            "channelId": CHANNEL,
            "title": title,
            "playlistId": UPLOADS,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": entry.id},
        },
        "contentDetails": details,
    }


def video_item(entry: Entry, day: date) -> dict[str, Any]:
    """Return a video; its lifetime counters are texts and up to date."""
    title, description = _texts(entry)
    now = totals(entry.post, day) if entry.post else (0,) * 6
    return {
        "kind": "youtube#video",
        "etag": f"v{entry.id}",
        "id": entry.id,
        "snippet": {
            "publishedAt": iso(entry.at, millis=False),
            "channelId": CHANNEL,
            "title": title,
            "description": description,
            "channelTitle": "Acme",
            "categoryId": "22",
            "liveBroadcastContent": "none",
        },
        "contentDetails": {"duration": "PT1M32S", "dimension": "2d", "definition": "hd"},
        "status": {
            "uploadStatus": "processed",
            "privacyStatus": "public" if entry.post else "private",
            "license": "youtube",
            "embeddable": True,
        },
        "statistics": {
            "viewCount": str(now[0]),
            "likeCount": str(now[1]),
            "favoriteCount": "0",
            "commentCount": str(now[2]),
        },
    }


def _texts(entry: Entry) -> tuple[str, str]:
    """Return title and description; the campaign stands in a link, or only in campaigns.csv."""
    campaign = entry.post.campaign if entry.post else None
    if campaign is None or entry.post is None:
        return "News from the office", "More every week."
    linked = entry.post.link in ("article", "landing")
    more = f"\n{tagged_link(campaign, 'youtube')}\n\nThanks to @acme-fans" if linked else ""
    return campaign.message, f"All about it.{more}"
