"""YouTube's Data API v3 and Analytics API v2 below one address: channel, uploads, videos, reports.

Source: the discovery documents of both APIs and their guides, read 2026-11. Days are three days
late and come whole; then they change for one day more.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64Error
from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from sandbox.company.base import words
from sandbox.servers.google import Tokens, error, listed, unknown
from sandbox.servers.wire import Reply, Request, World
from sandbox.servers.youtube_rows import (
    CHANNEL,
    METRICS,
    UPLOADS,
    Rows,
    channel_item,
    playlist_item,
    table,
    video_item,
)

CREDENTIALS = {
    "client_id": "sandbox-youtube.apps.googleusercontent.example",
    "client_secret": "GOCSPX-sandbox-youtube-secret",
    "refresh_token": "1//sandbox-youtube-refresh",
}
SETTINGS = {"token_url": "{url}/token", "analytics_url": "{url}"}
COVERS = {
    "posts": ["youtube"],
    "post_metrics": ["youtube"],
    "account_metrics": ["youtube"],
}
MOST, USUAL, MOST_IDS = 50, 5, 500
MOST_TOP_VIDEOS = 200
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NOT_SUPPORTED = (
    "The query is not supported. Check the documentation at"
    " https://developers.google.com/youtube/analytics/v2/available_reports for a list of supported"
    " queries."
)
PARAMETERS = {
    "channels": {"part", "mine", "id", "forHandle", "maxResults", "pageToken", "hl"},
    "playlistItems": {"part", "playlistId", "id", "videoId", "maxResults", "pageToken"},
    "videos": {"part", "id", "hl", "maxResults", "pageToken"},
    "reports": set(
        words(
            "ids startDate endDate metrics dimensions filters sort maxResults startIndex currency"
            " includeHistoricalChannelData"
        )
    ),
}


class YouTube:
    """The company's channel."""

    def __init__(self, world: World) -> None:
        self._world, self._rows = world, Rows(world.company)
        self._tokens = Tokens(world.secrets, "youtube")

    def expire(self) -> None:
        """Let the hour of every token pass."""
        self._tokens.expire()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        reasons = {
            401: ("Invalid Credentials", "authError"),
            403: ("Request had insufficient authentication scopes.", "insufficientPermissions"),
            429: ("Quota exceeded for quota metric 'Queries' per minute.", "rateLimitExceeded"),
        }
        return error(status, *reasons[status])

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        if request.path == "/token" and request.method == "POST":
            return self._tokens.fetch(request)
        refused = self._tokens.refuse(request)
        if refused:
            return refused
        known = {
            "/youtube/v3/channels": self._channels,
            "/youtube/v3/playlistItems": self._playlist_items,
            "/youtube/v3/videos": self._videos,
            "/v2/reports": self._reports,
        }
        answer = known.get(request.path)
        if answer is None or request.method != "GET":
            return error(404, "Requested entity was not found.", "notFound")
        strange = unknown(request, PARAMETERS[request.path.rpartition("/")[2]])
        if strange is None and "/v3/" in request.path and not request.params.get("part"):
            text = "No filter selected. Expected one of: part"
            strange = error(400, text, "missingRequiredParameter", "parameters.part")
        return strange or answer(request)

    def _channels(self, request: Request) -> Reply:
        params = request.params
        if not {"mine", "id", "forHandle"} & set(params):
            text = "No filter selected. Expected one of: forHandle, id, mine"
            return error(400, text, "missingRequiredParameter")
        own = params.get("mine") == "true" or CHANNEL in listed(request, "id")
        day = self._world.clock.day
        items = [channel_item(self._world.company, self._rows, day)] if own else []
        return _listing("channel", _only(items, listed(request, "part")))

    def _playlist_items(self, request: Request) -> Reply:
        """Answer a page of the uploads, newest first; what was deleted still has its place.

        Before the first upload there is no such list.
        """
        params = request.params
        entries = self._rows.entries(self._world.clock.day)
        if params.get("playlistId") != UPLOADS or not entries:
            text = "The playlist identified with the request's playlistId parameter cannot be found"
            return error(404, text, "playlistNotFound", "playlistId")
        limit = params.get("maxResults", str(USUAL))
        if not limit.isdigit() or int(limit) > MOST:
            text = f"Invalid value '{limit}'. Values must be within the range: [0, {MOST}]"
            return error(400, text, "invalidParameter", "maxResults")
        start = _offset(params.get("pageToken", ""))
        if start is None:
            text = "The request specifies an invalid page token."
            return error(400, text, "invalidPageToken", "pageToken")
        page = entries[start : start + int(limit)]
        items = [playlist_item(one, start + n) for n, one in enumerate(page)]
        reply = _listing("playlistItem", _only(items, listed(request, "part")), total=len(entries))
        reply.body["pageInfo"]["resultsPerPage"] = int(limit)
        if start:
            reply.body["prevPageToken"] = _token(max(start - int(limit), 0))
        if start + int(limit) < len(entries):
            token = _token(start + int(limit))
            query = urlencode({**params, "pageToken": token})
            reply.body["nextPageToken"] = token
            reply.next_url = f"{request.base}{request.path}?{query}"
            reply.set_next = lambda _url: reply.body.update(nextPageToken=_token(start))
        return reply

    def _videos(self, request: Request) -> Reply:
        """Answer videos by their ids; of what was deleted, and of others', nothing is said."""
        wanted = listed(request, "id")
        if not wanted:
            text = "No filter selected. Expected one of: chart, id, myRating"
            return error(400, text, "missingRequiredParameter")
        if len(wanted) > MOST or {"maxResults", "pageToken"} & set(request.params):
            text = "The request specifies an invalid filter parameter."
            return error(400, text, "invalidFilters", "parameters.")
        day = self._world.clock.day
        there = {one.id: one for one in self._rows.entries(day) if not one.deleted}
        items = [video_item(there[one], day) for one in wanted if one in there]
        return _listing("video", _only(items, listed(request, "part")))

    def _reports(self, request: Request) -> Reply:
        params = request.params
        refused = _refuse_report(params)
        if refused:
            return refused
        dimensions = _words(params.get("dimensions", ""))
        chosen = set(_words(params.get("filters", "").removeprefix("video==")))
        metrics = _words(params["metrics"])
        rows = table(
            self._rows.days(self._world.clock.day, chosen, params["startDate"], params["endDate"]),
            dimensions,
            metrics,
        )
        for name in reversed(_words(params.get("sort", ""))):
            column = [*dimensions, *metrics].index(name.removeprefix("-"))
            rows.sort(key=itemgetter(column), reverse=name.startswith("-"))
        first = int(params.get("startIndex", "1")) - 1
        rows = rows[first : first + int(params.get("maxResults") or len(rows) or 1)]
        header = [("DIMENSION", "STRING", name) for name in dimensions]
        header += [("METRIC", "INTEGER", name) for name in metrics]
        body: dict[str, Any] = {
            "kind": "youtubeAnalytics#resultTable",
            "columnHeaders": [
                {"name": name, "columnType": kind, "dataType": data} for kind, data, name in header
            ],
        }
        return Reply(body | ({"rows": rows} if rows else {}))


def _refuse_report(params: dict[str, str]) -> Reply | None:
    """Return the error of a report that the platform does not make."""
    for name in ("ids", "startDate", "endDate", "metrics"):
        if not params.get(name):
            return error(400, f"The request is missing a valid {name} parameter.", "required")
    if params["ids"] not in ("channel==MINE", f"channel=={CHANNEL}"):
        return error(403, "Forbidden", "forbidden")
    first, last = params["startDate"], params["endDate"]
    if not (DAY.fullmatch(first) and DAY.fullmatch(last) and first <= last):
        return error(400, "Invalid value for startDate or endDate.", "invalid")
    metrics, dimensions = _words(params["metrics"]), _words(params.get("dimensions", ""))
    for name in metrics:
        if name not in METRICS:
            text = f"Unknown identifier ({name}) given in field parameters.metrics."
            return error(400, text, "invalid")
    filters, most = params.get("filters", ""), params.get("maxResults", "")
    videos = _words(filters.removeprefix("video=="))
    top = dimensions == ["video"] and not videos
    sort = {name.removeprefix("-") for name in _words(params.get("sort", ""))}
    good = (
        set(dimensions) <= {"day", "video"}
        and (not filters or filters.startswith("video=="))
        and len(videos) <= MOST_IDS
        and ("video" not in dimensions or bool(videos) or top)
        and (not top or (bool(sort) and most.isdigit() and int(most) <= MOST_TOP_VIDEOS))
        and sort <= {*dimensions, *metrics}
        and all(one.isdigit() and int(one) for one in (most or "1", params.get("startIndex", "1")))
    )
    return None if good else error(400, NOT_SUPPORTED)


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _only(items: Sequence[dict[str, Any]], parts: list[str]) -> list[dict[str, Any]]:
    """Leave of each resource the parts that were asked for."""
    kept = {"kind", "etag", "id", *parts}
    return [{name: value for name, value in item.items() if name in kept} for item in items]


def _listing(kind: str, items: list[dict[str, Any]], total: int | None = None) -> Reply:
    count = len(items) if total is None else total
    body: dict[str, Any] = {
        "kind": f"youtube#{kind}ListResponse",
        "etag": "sandbox-list",
        "pageInfo": {"totalResults": count, "resultsPerPage": len(items)},
        "items": items,
    }
    return Reply(body, records=items, key_fields=("id", "contentDetails", "snippet", "status"))


def _token(start: int) -> str:
    return urlsafe_b64encode(f"PT:{start}".encode()).decode().rstrip("=")


def _offset(token: str) -> int | None:
    if not token:
        return 0
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (NotBase64Error, UnicodeDecodeError):
        return None
    number = text.removeprefix("PT:")
    return int(number) if text.startswith("PT:") and number.isdigit() else None


PLATFORM = YouTube
